using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity;

/// <summary>The challenges of logins by profile, which are stored nowhere.</summary>
internal sealed class ProfileChallengesTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ProfileChallenges _challenges;

    public ProfileChallengesTests() => _challenges = With(TestToken.Secret);

    [Test]
    public void Challenges_of_50_000_strangers_displace_none()
    {
        var (verifier, signature) = _challenges.Make("alice");
        for (var number = 0; number < 50_000; number++)
        {
            _challenges.Make(number % 2 == 0 ? "alice" : $"agent{number}");
        }

        Assert.That(_challenges.SignatureOf("alice", verifier), Is.EqualTo(signature));
    }

    [Test]
    public void Another_node_with_the_same_secret_knows_a_challenge_and_one_with_another_secret_does_not()
    {
        var (verifier, signature) = _challenges.Make("alice");
        var (same, other) = (With(TestToken.Secret), With($"{TestToken.Secret}, but another"));

        Assert.That((same.SignatureOf("alice", verifier), same.IsOf("alice", signature)), Is.EqualTo((signature, true)));
        Assert.That((other.SignatureOf("alice", verifier) == signature, other.IsOf("alice", signature)), Is.EqualTo((false, false)));
    }

    [Test]
    public void A_changed_signature_or_verifier_does_not_count()
    {
        var (verifier, signature) = _challenges.Make("alice");
        foreach (var index in Enumerable.Range(ProfileChallenges.Prefix.Length, signature.Length - ProfileChallenges.Prefix.Length))
        {
            Assert.That(_challenges.IsOf("alice", Changed(signature, index)), Is.False);
        }

        foreach (var index in Enumerable.Range(0, verifier.Length))
        {
            Assert.That(_challenges.SignatureOf("alice", Changed(verifier, index)), Is.Not.EqualTo(signature));
        }
    }

    [TestCase("")]
    [TestCase("claw-sig-")]
    [TestCase("é")]
    [TestCase("00000000000000000000000000000000000000")]
    [TestCase("======================================")]
    public void Text_that_is_neither_verifier_nor_signature_does_not_count(string text)
    {
        Assert.That(_challenges.SignatureOf("alice", text), Is.Null);
        Assert.That(_challenges.IsOf("alice", text), Is.False);
    }

    [Test]
    public void A_used_signature_is_refused_after_a_restart_that_forgot_it()
    {
        var issuedAt = ProfileChallenges.IssuedAtOf(_challenges.Make("alice").Signature);
        var before = new SpentSignatures(_time).TrySpend("alice", "s", issuedAt);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((before, new SpentSignatures(_time).TrySpend("alice", "s", issuedAt)), Is.EqualTo((true, false)));
    }

    private ProfileChallenges With(string secret) => new(new SigningSecret(secret), _time);

    // The next letter of the same case, or digit, changes the high bits of a base64url character in any case.
    private static string Changed(string text, int index) => $"{text[..index]}{(text[index] == 'A' ? 'Q' : 'A')}{text[(index + 1)..]}";
}

using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.SharedPolls;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.SharedPolls;

internal sealed class TrackSignaturesTests
{
    private const string Channel = "votes:a";
    private const string Other = "another secret of shared polls, as long";

    private static readonly string[] Keys = ["b", "a"];

    private readonly ManualTimeProvider _time = new();

    // Made with Python's hmac and hashlib.
    [Test]
    public void A_signature_of_another_program_is_valid()
    {
        var signatures = new TrackSignatures(new() { Secret = "test-poll-secret" }, _time);

        Assert.That(signatures.Verify(BatchOf("1767323045:0:2cc0e329f194289cf69cbcde2e07fc40114009bb7c145d4d82fa04c16e4b888a", "k1", "k2"), "poll:x", "alice", out var end), Is.EqualTo(TrackSignatureStatus.Valid));
        Assert.That(end, Is.Zero);
    }

    [Test]
    public void A_signature_says_when_the_right_to_its_keys_ends()
    {
        Assert.That(Verify(TrackSignature.Of(Channel, Keys, "u1", expiresIn: 60), out var end), Is.EqualTo(TrackSignatureStatus.Valid));
        Assert.That(end, Is.EqualTo(TestToken.Seconds(60)));
    }

    [TestCase(-1, ExpectedResult = TrackSignatureStatus.Valid, TestName = "A_signature_that_has_just_expired_is_valid_for_its_grace")]
    [TestCase(-5, ExpectedResult = TrackSignatureStatus.Valid, TestName = "A_signature_is_valid_until_its_grace_is_over")]
    [TestCase(-6, ExpectedResult = TrackSignatureStatus.Expired, TestName = "A_signature_over_its_grace_has_expired")]
    public TrackSignatureStatus A_signature_expires(double seconds) => Verify(TrackSignature.Of(Channel, Keys, "u1", expiresIn: seconds), out _);

    [Test]
    public void A_signature_of_another_user_channel_key_order_or_secret_is_invalid()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Verify(TrackSignature.Of(Channel, Keys, "u2"), out _), Is.EqualTo(TrackSignatureStatus.Invalid), "user");
            Assert.That(Verify(TrackSignature.Of(Channel, Keys), out _), Is.EqualTo(TrackSignatureStatus.Invalid), "anonymous");
            Assert.That(Verify(TrackSignature.Of("votes:b", Keys, "u1"), out _), Is.EqualTo(TrackSignatureStatus.Invalid), "channel");
            Assert.That(Verify(TrackSignature.Of(Channel, ["a", "b"], "u1"), out _), Is.EqualTo(TrackSignatureStatus.Invalid), "order");
            Assert.That(Verify(TrackSignature.Of(Channel, ["b"], "u1"), out _), Is.EqualTo(TrackSignatureStatus.Invalid), "fewer keys");
            Assert.That(Verify(TrackSignature.Of(Channel, ["b", "a", "c"], "u1"), out _), Is.EqualTo(TrackSignatureStatus.Invalid), "more keys");
            Assert.That(Verify(TrackSignature.Of(Channel, Keys, "u1", secret: Other), out _), Is.EqualTo(TrackSignatureStatus.Invalid), "secret");
        }
    }

    [Test]
    public void Fields_of_a_signature_cannot_move_into_each_other()
    {
        var signatures = new TrackSignatures(new() { Secret = TrackSignature.Secret }, _time);
        var signature = TrackSignature.Of("news:tech", Keys, "alice");

        Assert.That(signatures.Verify(BatchOf(signature, Keys), "tech", "alice:news", out _), Is.EqualTo(TrackSignatureStatus.Invalid));
    }

    [Test]
    public void A_time_that_was_changed_after_signing_is_invalid()
    {
        var parts = TrackSignature.Of(Channel, Keys, "u1", expiresIn: 60).Split(':');

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Verify($"{parts[0]}:{TestToken.Seconds(600)}:{parts[2]}", out _), Is.EqualTo(TrackSignatureStatus.Invalid), "end");
            Assert.That(Verify($"{parts[0]}:0:{parts[2]}", out _), Is.EqualTo(TrackSignatureStatus.Invalid), "no end");
            Assert.That(Verify($"{TestToken.Seconds(9)}:{parts[1]}:{parts[2]}", out _), Is.EqualTo(TrackSignatureStatus.Invalid), "issue");
        }
    }

    [TestCase("")]
    [TestCase("invalid-signature")]
    [TestCase("::")]
    [TestCase("1:2")]
    [TestCase("1:2:")]
    [TestCase("1:2:00:00")]
    [TestCase("-1:0:00")]
    [TestCase("1:9223372036854775808:00")]
    public void Text_that_is_not_a_signature_is_invalid(string text) => Assert.That(Verify(text, out _), Is.EqualTo(TrackSignatureStatus.Invalid));

    [Test]
    public void An_end_that_is_no_date_is_the_last_date()
    {
        Assert.That(Verify(TrackSignature.Of(Channel, Keys, "u1", 1, long.MaxValue), out var end), Is.EqualTo(TrackSignatureStatus.Valid));
        Assert.That(() => DateTimeOffset.FromUnixTimeSeconds(end), Throws.Nothing);
    }

    [Test]
    public void The_secret_before_is_accepted_for_signatures_from_before_its_end()
    {
        var settings = new SharedPollSettings { Secret = Other, PreviousSecret = TrackSignature.Secret, PreviousSecretEnd = TestToken.Seconds(10) };
        var signatures = new TrackSignatures(settings, _time);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(signatures.Verify(BatchOf(TrackSignature.Of(Channel, Keys, "u1", issuedIn: 10), Keys), Channel, "u1", out _), Is.EqualTo(TrackSignatureStatus.Valid));
            Assert.That(signatures.Verify(BatchOf(TrackSignature.Of(Channel, Keys, "u1", issuedIn: 11), Keys), Channel, "u1", out _), Is.EqualTo(TrackSignatureStatus.Invalid));
            Assert.That(signatures.Verify(BatchOf(TrackSignature.Of(Channel, Keys, "u1", issuedIn: 11, secret: Other), Keys), Channel, "u1", out _), Is.EqualTo(TrackSignatureStatus.Valid));
        }

        settings.ApplySettings(new() { Secret = Other });

        Assert.That(signatures.Verify(BatchOf(TrackSignature.Of(Channel, Keys, "u1"), Keys), Channel, "u1", out _), Is.EqualTo(TrackSignatureStatus.Invalid), "after a reload");
    }

    private static TrackBatch BatchOf(string signature, params IEnumerable<string> keys)
    {
        var batch = new TrackBatch { Signature = signature };
        batch.Items.AddRange(keys.Select(key => new KeyedItem { Key = key }));
        return batch;
    }

    private TrackSignatureStatus Verify(string signature, out long end) =>
        new TrackSignatures(new() { Secret = TrackSignature.Secret }, _time).Verify(BatchOf(signature, Keys), Channel, "u1", out end);
}

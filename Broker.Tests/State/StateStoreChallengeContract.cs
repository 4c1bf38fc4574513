using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.State;

/// <summary>The contract of every store for challenges of SSH-key logins.</summary>
internal abstract class StateStoreChallengeContract
{
    private static readonly ChallengeKey Challenge = new("alice", "main", "nonce-1");

    private readonly ManualTimeProvider _time = new();
    private IStateStore _store = null!;

    [SetUp]
    public void MakeStore() => _store = Create(_time);

    /// <summary>An empty store.</summary>
    protected abstract IStateStore Create(TimeProvider time);

    [TestCase(119, ExpectedResult = 1_767_225_600)]
    [TestCase(120, ExpectedResult = null)]
    public async Task<long?> A_challenge_waits_for_two_minutes(int seconds)
    {
        await _store.SetChallengeAsync(Challenge, 1_767_225_600);

        _time.Advance(TimeSpan.FromSeconds(seconds));

        return await _store.TakeChallengeAsync(Challenge);
    }

    [Test]
    public async Task A_challenge_can_be_consumed_only_once()
    {
        await _store.SetChallengeAsync(Challenge, 5);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await _store.TakeChallengeAsync(Challenge))));

        Assert.That(taken.Where(issuedAt => issuedAt is not null), Is.EqualTo(new long?[] { 5 }));
        Assert.That(await _store.TakeChallengeAsync(Challenge), Is.Null);
    }

    [Test]
    public async Task An_agent_may_have_several_challenges_that_expire_separately()
    {
        var second = Challenge with { Nonce = "nonce-2" };
        await _store.SetChallengeAsync(Challenge, 1);
        _time.Advance(TimeSpan.FromSeconds(100));
        await _store.SetChallengeAsync(second, 101);
        _time.Advance(TimeSpan.FromSeconds(100));

        // A new challenge drops expired ones, which must not include the second one.
        await _store.SetChallengeAsync(Challenge with { Username = "bob" }, 201);

        Assert.That(await _store.TakeChallengeAsync(Challenge), Is.Null);
        Assert.That(await _store.TakeChallengeAsync(second), Is.EqualTo(101));
    }

    [Test]
    public async Task A_challenge_is_not_consumed_with_another_name_key_or_nonce()
    {
        await _store.SetChallengeAsync(Challenge, 5);

        Assert.That(await _store.TakeChallengeAsync(Challenge with { Username = "Alice" }), Is.Null);
        Assert.That(await _store.TakeChallengeAsync(Challenge with { KeyName = "work" }), Is.Null);
        Assert.That(await _store.TakeChallengeAsync(Challenge with { Nonce = "nonce-2" }), Is.Null);
        Assert.That(await _store.TakeChallengeAsync(Challenge), Is.EqualTo(5));
    }
}

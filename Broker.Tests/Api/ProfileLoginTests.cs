using System.Text.Json;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>A login by profile, where strangers see all that is public, and ask for what they like.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ProfileLoginTests
{
    private readonly ManualTimeProvider _time = new();
    private RunningMoltbook _moltbook = null!;
    private RunningBroker _broker = null!;

    [SetUp]
    public async Task StartBoth()
    {
        _moltbook = await RunningMoltbook.StartAsync();
        _broker = await StartAsync(allowsUnbound: false);
    }

    [TearDown]
    public async Task StopBoth()
    {
        await _broker.DisposeAsync();
        await _moltbook.DisposeAsync();
        Assert.That(_broker.Errors, Is.Empty);
    }

    [Test]
    public async Task A_stranger_who_reads_the_profile_before_the_owner_verifies_gets_no_token()
    {
        var owner = await InitAsync("alice");
        _moltbook.Descriptions["alice"] = owner.Signature;
        var stranger = await InitAsync("alice");

        var unbound = await _broker.PostAsync("/auth/verify", """{"username":"alice"}""");
        var withOwn = await VerifyAsync("alice", stranger.Verifier);
        var withPublic = await VerifyAsync("alice", owner.Signature);

        Assert.That((unbound.Status, withPublic.Status), Is.EqualTo((400, 400)));
        Assert.That(withOwn, Is.EqualTo(RunningAnswer.Error(401, "signature not found")));
        Assert.That((await VerifyAsync("alice", owner.Verifier)).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Inits_of_strangers_for_the_same_name_displace_no_pending_login()
    {
        var owner = await InitAsync("alice");
        _moltbook.Descriptions["alice"] = owner.Signature;
        for (var number = 0; number < 300; number++)
        {
            await InitAsync("alice");
        }

        Assert.That((await VerifyAsync("alice", owner.Verifier)).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_login_ends_after_ten_minutes()
    {
        var owner = await InitAsync("alice");
        _moltbook.Descriptions["alice"] = owner.Signature;
        _time.Advance(ProfileChallenges.Lifetime);

        Assert.That(await VerifyAsync("alice", owner.Verifier), Is.EqualTo(RunningAnswer.Error(400, "no pending signature")));
        Assert.That(_moltbook.Requests, Is.Empty);
    }

    [Test]
    public async Task A_verifier_counts_for_its_name_only()
    {
        var alice = await InitAsync("alice");
        _moltbook.Descriptions["bob"] = alice.Signature;

        Assert.That(await VerifyAsync("bob", alice.Verifier), Is.EqualTo(RunningAnswer.Error(401, "signature not found")));
    }

    [Test]
    public async Task Clients_without_a_verifier_are_let_in_where_the_operator_allows_it()
    {
        await using var broker = await StartAsync(allowsUnbound: true);
        var first = await InitAsync("alice", broker);
        await InitAsync("alice", broker);
        _moltbook.Descriptions["alice"] = $"claw-sig-old-one {first.Signature}";

        var verified = await broker.PostAsync("/auth/verify", """{"username":"alice"}""");

        Assert.That(verified.Status, Is.EqualTo(200), verified.Body);
        Assert.That(await broker.PostAsync("/auth/verify", """{"username":"alice"}"""), Is.EqualTo(RunningAnswer.Error(400, "no pending signature")));
    }

    [TestCase("bob")]
    [TestCase("alice", 600)]
    public async Task A_signature_of_another_name_or_time_lets_nobody_in_without_a_verifier(string name, int secondsLater = 0)
    {
        await using var broker = await StartAsync(allowsUnbound: true);
        _moltbook.Descriptions["alice"] = (await InitAsync(name, broker)).Signature;
        _time.Advance(TimeSpan.FromSeconds(secondsLater));

        Assert.That(await broker.PostAsync("/auth/verify", """{"username":"alice"}"""), Is.EqualTo(RunningAnswer.Error(401, "signature not found")));
    }

    [Test]
    public async Task A_signature_that_an_old_API_has_stored_counts_once_where_verifiers_are_not_needed()
    {
        await using var broker = await StartAsync(allowsUnbound: true);
        await broker.Store.KeepSignatureAsync("alice", "claw-sig-of-the-old-api");
        _moltbook.Descriptions["alice"] = "I am alice: claw-sig-of-the-old-api.";

        var first = await broker.PostAsync("/auth/verify", """{"username":"alice"}""");
        var second = await broker.PostAsync("/auth/verify", """{"username":"alice"}""");

        Assert.That((first.Status, second), Is.EqualTo((200, RunningAnswer.Error(401, "signature not found"))));
    }

    [Test]
    public async Task A_name_that_is_verified_too_often_is_answered_from_the_last_profile()
    {
        var owner = await InitAsync("alice");
        _moltbook.Descriptions["alice"] = owner.Signature;
        var stranger = await InitAsync("alice");
        for (var number = 0; number < ProfileLookups.Burst + 5; number++)
        {
            await VerifyAsync("alice", stranger.Verifier);
        }

        Assert.That((await VerifyAsync("alice", owner.Verifier)).Status, Is.EqualTo(200));
        Assert.That(_moltbook.Requests, Has.Count.EqualTo(ProfileLookups.Burst));
    }

    [Test]
    public async Task A_name_whose_profile_cannot_be_fetched_has_to_wait()
    {
        var owner = await InitAsync("alice");
        for (var number = 0; number < ProfileLookups.Burst; number++)
        {
            await VerifyAsync("alice", owner.Verifier);
        }

        Assert.That(await VerifyAsync("alice", owner.Verifier), Is.EqualTo(
            RunningAnswer.Json(429, """{"error":"too many attempts to verify this name","retry_after":5}""")));
        Assert.That(_moltbook.Requests, Has.Count.EqualTo(ProfileLookups.Burst));
    }

    private Task<RunningBroker> StartAsync(bool allowsUnbound) => RunningBroker.StartAsync(
        options => options with
        {
            Identity = options.Identity with { MoltbookApiBase = _moltbook.Url, MoltbookApiKey = RunningMoltbook.Key, AllowUnboundProfileLogin = allowsUnbound },
            Addresses = new() { SignIns = BucketRule.Unlimited },
        },
        _time);

    private async Task<ProfileChallenge> InitAsync(string username, RunningBroker? broker = null)
    {
        var answer = await (broker ?? _broker).PostAsync("/auth/init", $$"""{"username":"{{username}}"}""");
        using var json = JsonDocument.Parse(answer.Body);
        return new(json.RootElement.GetProperty("verifier").GetString()!, json.RootElement.GetProperty("signature").GetString()!);
    }

    private Task<RunningAnswer> VerifyAsync(string username, string verifier) =>
        _broker.PostAsync("/auth/verify", $$"""{"username":"{{username}}","verifier":"{{verifier}}"}""");
}

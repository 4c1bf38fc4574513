using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Limits of the locks, grants and advertisements of one owner.</summary>
public sealed class OwnerLimitsTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with { Api = options.Api with { MaxLocks = 2, MaxGrantsPerChannel = 2, MaxAdvertisements = 2 } };

    [TestCase("/api/lock", "/api/unlock", "too many locked channels (max 2): unlock another one first")]
    [TestCase("/api/advertise", null, "too many advertisements (max 2): remove another one first")]
    public async Task One_channel_too_many_is_refused_until_another_one_is_free(string path, string? undo, string refusal)
    {
        var token = await Broker.RegisterAsync("alice");
        Assert.That(await StatusAsync("x"), Is.EqualTo(200));
        Assert.That(await StatusAsync("y"), Is.EqualTo(200));

        Assert.That(await Broker.PostAsync(path, """{"channel":"agent.alice.z"}""", token), Is.EqualTo(RunningAnswer.Error(403, refusal)));
        Assert.That(await StatusAsync("y"), Is.EqualTo(200), "An existing one may be set again.");
        Assert.That((await Broker.PostAsync(path, """{"channel":"agent.bob.x"}""", await Broker.RegisterAsync("bob"))).Status, Is.EqualTo(200), "Others are not concerned.");
        await UndoAsync();
        Assert.That(await StatusAsync("z"), Is.EqualTo(200));

        async Task<int> StatusAsync(string topic) => (await Broker.PostAsync(path, $$"""{"channel":"agent.alice.{{topic}}"}""", token)).Status;

        Task UndoAsync() => undo is not null
            ? Broker.PostAsync(undo, """{"channel":"agent.alice.x"}""", token)
            : Broker.SendAsync(HttpMethod.Delete, path, """{"channel":"agent.alice.x"}""".Utf8(), ("Authorization", $"Bearer {token}"));
    }

    [Test]
    public async Task One_grant_too_many_on_a_channel_is_refused_until_another_one_is_revoked()
    {
        var token = await Broker.RegisterAsync("alice");
        await GrantAsync("x", "bob");
        await GrantAsync("x", "carol");

        Assert.That(await GrantAsync("x", "dave"), Is.EqualTo(RunningAnswer.Error(403, "too many grants on this channel (max 2): revoke another one first")));
        Assert.That((await GrantAsync("x", "bob")).Status, Is.EqualTo(200), "An existing one may be given again.");
        Assert.That((await GrantAsync("y", "dave")).Status, Is.EqualTo(200), "Another channel has grants of its own.");
        await Broker.PostAsync("/api/revoke", """{"channel":"agent.alice.x","target":"bob"}""", token);
        Assert.That((await GrantAsync("x", "dave")).Status, Is.EqualTo(200));

        Task<RunningAnswer> GrantAsync(string topic, string target) => Broker.PostAsync("/api/grant", $$"""{"channel":"agent.alice.{{topic}}","target":"{{target}}"}""", token);
    }
}

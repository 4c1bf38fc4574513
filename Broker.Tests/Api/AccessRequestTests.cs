using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Asking for access to somebody's locked channel.</summary>
public sealed class AccessRequestTests : RunningBrokerTests
{
    private readonly ManualTimeProvider _time = new();
    private string _alice = "";
    private string _bob = "";

    private protected override TimeProvider Time => _time;

    private static long Now => ManualTimeProvider.Start.ToUnixTimeMilliseconds();

    [SetUp]
    public async Task LockAChannel()
    {
        _alice = await Broker.RegisterAsync("alice");
        _bob = await Broker.RegisterAsync("bob");
        await Broker.PostAsync("/api/lock", """{"channel":"agent.alice.private"}""", _alice);
    }

    [Test]
    public async Task A_request_is_published_bare_and_returned_in_the_answer()
    {
        var owner = await Broker.ConnectAsync();
        await owner.SubscribeAsync("public.access");

        var answer = await Broker.PostAsync("/api/request", """{"channel":" agent.alice.private ","reason":" I am \"Bob\" "}""", _bob);

        var request = $$"""{"type":"access_request","requester":"bob","targetChannel":"agent.alice.private","targetType":"agent","targetOwner":"alice","targetAgent":"alice","targetApp":null,"reason":" I am \"Bob\" ","timestamp":{{Now}}}""";
        Assert.That(answer, Is.EqualTo(RunningAnswer.Json(200, $$"""{"ok":true,"message":"Access request sent to public.access channel","request":{{request}}}""")));
        Assert.That(await owner.ReadPublicationAsync(), Is.EqualTo(request));
    }

    [Test]
    public async Task A_request_for_a_channel_of_an_app_names_the_app()
    {
        using var made = JsonDocument.Parse((await Broker.PostAsync("/api/apps", """{"name":"shop"}""", _alice)).Body);
        await Broker.PostAsync("/api/lock", """{"channel":"app.shop.orders.new"}""", made.RootElement.GetProperty("key").GetString());

        var answer = await Broker.PostAsync("/api/request", """{"channel":"app.shop.orders.new"}""", _bob);

        Assert.That(answer, Is.EqualTo(RunningAnswer.Json(
            200,
            $$$"""{"ok":true,"message":"Access request sent to public.access channel","request":{"type":"access_request","requester":"bob","targetChannel":"app.shop.orders.new","targetType":"app","targetOwner":"app:shop","targetAgent":null,"targetApp":"shop","reason":"","timestamp":{{{Now}}}}}""")));
    }

    [TestCase("{}", 400, "channel required")]
    [TestCase("""{"channel":"public.a"}""", 400, "invalid channel format")]
    [TestCase("""{"channel":"system.a"}""", 400, "invalid channel format")]
    [TestCase("""{"channel":"agent.alice"}""", 400, "invalid channel format")]
    [TestCase("""{"channel":"app.a.agent"}""", 403, "access requests are not supported for app.agent reserved channels")]
    [TestCase("""{"channel":"app.a.agent.x"}""", 403, "access requests are not supported for app.agent reserved channels")]
    [TestCase("""{"channel":"agent.alice.open"}""", 400, "channel is not locked, access is public")]
    [TestCase("""{"channel":"agent.alice.private","reason":5}""", 400, "reason must be a string")]
    [TestCase("""{"channel":5}""", 400, "the body must be a JSON object whose channel and target are text")]
    public async Task A_pointless_request_is_refused(string body, int status, string error)
    {
        Assert.That(await Broker.PostAsync("/api/request", body, _bob), Is.EqualTo(RunningAnswer.Refused(status, error, "reserved")));
    }

    [Test]
    public async Task A_request_by_a_principal_with_access_is_refused()
    {
        await Broker.PostAsync("/api/grant", """{"channel":"agent.alice.private","target":"bob"}""", _alice);

        foreach (var token in new[] { _alice, _bob })
        {
            Assert.That(
                await Broker.PostAsync("/api/request", """{"channel":"agent.alice.private"}""", token),
                Is.EqualTo(RunningAnswer.Error(400, "you already have access to this channel")));
        }
    }

    [Test]
    public async Task A_request_without_a_token_is_refused()
    {
        Assert.That(await Broker.PostAsync("/api/request", "nonsense"), Is.EqualTo(RunningAnswer.Error(401, "Missing bearer token")));
    }

    [Test]
    public async Task A_long_reason_cannot_exceed_the_size_limit_of_publications()
    {
        var body = $$"""{"channel":"agent.alice.private","reason":"{{new string('x', 16 * 1024)}}"}""";

        Assert.That(await Broker.PostAsync("/api/request", body, _bob), Is.EqualTo(RunningAnswer.Error(413, "payload too large (max 16384 bytes)")));
    }
}

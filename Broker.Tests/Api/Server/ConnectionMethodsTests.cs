using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Api.Server;

/// <summary>Orders of calls, as they reach the nodes.</summary>
internal sealed class ConnectionMethodsTests
{
    private readonly RecordingConnectionControl _control = new();

    [SetUp]
    public void Forget() => _control.Orders.Clear();

    [Test]
    public async Task A_subscribe_has_options()
    {
        await CallAsync(methods => methods.Subscribe, """
            {"channel":"chat:a","user":"42","client":"c","session":"s","info":{"n": 1},"b64data":"AQI=","expire_at":1900000000,
             "recover_since":{"offset":18446744073709551615,"epoch":"e"},"override":{"presence":{"value":true},"force_recovery":{"value":false}},"label_filter":{},"all_users":true}
            """);

        var (whom, order) = _control.Orders.Single();
        var subscribe = (SubscribeOrder)order;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(whom, Is.EqualTo(new ConnectionFilter("42", "c", "s")));
            Assert.That((subscribe.Grant.Channel, Encoding.UTF8.GetString(subscribe.Grant.Info.Span)), Is.EqualTo(("chat:a", """{"n": 1}""")));
            Assert.That(subscribe.Grant.Data.ToArray(), Is.EqualTo(new byte[] { 1, 2 }));
            Assert.That(subscribe.Grant.ExpiresAt, Is.EqualTo(DateTimeOffset.FromUnixTimeSeconds(1_900_000_000)));
            Assert.That(subscribe.Grant.Overrides, Is.EqualTo(new OptionOverrides(Presence: true, ForceRecovery: false)));
            Assert.That(subscribe.RecoverSince, Is.EqualTo(new StreamPosition(ulong.MaxValue, "e")));
        }
    }

    [Test]
    public async Task A_subscribe_without_options_has_the_defaults_and_is_for_anonymous_clients()
    {
        await CallAsync(methods => methods.Subscribe, """{"CHANNEL":"public.a","info":null,"data":null,"expire_at":0,"recover_since":null,"override":null}""");

        var (whom, order) = _control.Orders.Single();
        Assert.That(whom, Is.EqualTo(new ConnectionFilter("")));
        Assert.That(order, Is.EqualTo(new SubscribeOrder(new AllowedSubscription("public.a"))));
    }

    [TestCase("""{"channel":"é"}""", 107)]
    [TestCase("""{"channel":"unknown:a"}""", 102)]
    public async Task An_order_for_a_channel_needs_a_valid_channel(string json, int code)
    {
        Assert.That((await CallAsync(methods => methods.Subscribe, json)).Error?.Code, Is.EqualTo(code));
        Assert.That((await CallAsync(methods => methods.Unsubscribe, json)).Error?.Code, Is.EqualTo(code));
        Assert.That(_control.Orders, Is.Empty);
    }

    [TestCase("{}")]
    [TestCase("""{"channel":""}""")]
    public async Task Without_a_channel_a_subscribe_is_an_error_and_an_unsubscribe_does_nothing(string json)
    {
        Assert.That((await CallAsync(methods => methods.Subscribe, json)).Error?.Code, Is.EqualTo(107));
        Assert.That((await CallAsync(methods => methods.Unsubscribe, json)).Error, Is.Null);
        Assert.That(_control.Orders, Is.Empty);
    }

    [TestCase("""{"channel":"chat:a","b64info":"?"}""")]
    [TestCase("""{"channel":"chat:a","b64data":"AQ"}""")]
    public async Task Invalid_base64_is_an_error_in_the_reply(string json)
    {
        Assert.That((await CallAsync(methods => methods.Subscribe, json)).Error?.Code, Is.EqualTo(107));
        Assert.That(_control.Orders, Is.Empty);
    }

    [Test]
    public async Task An_unsubscribe_ends_with_2000()
    {
        await CallAsync(methods => methods.Unsubscribe, """{"channel":"chat:a","user":"42","client":"c"}""");

        Assert.That(_control.Orders.Single(), Is.EqualTo((new ConnectionFilter("42", "c"), (object)new UnsubscribeOrder("chat:a", new UnsubscribeCode(2000, "server unsubscribe")))));
    }

    [TestCase("""{"user":"42"}""", 3503, "force disconnect")]
    [TestCase("""{"user":"42","disconnect":null}""", 3503, "force disconnect")]
    [TestCase("""{"user":"42","disconnect":{"code":4321,"reason":"é"}}""", 4321, "é")]
    [TestCase("""{"user":"42","disconnect":{"code":3000}}""", 3000, "disconnected by the back end")]
    [Checklist(156)]
    public async Task A_disconnect_has_code_3503_unless_it_names_another(string json, int code, string reason)
    {
        await CallAsync(methods => methods.Disconnect, json);

        var order = (DisconnectOrder)_control.Orders.Single().Order;
        Assert.That((order.Code, order.Spared.Count), Is.EqualTo((new DisconnectCode(code, reason), 0)));
    }

    [TestCase("{}", "disconnected by the back end")]
    [TestCase("""{"code":0,"reason":"x"}""", "x")]
    [TestCase("""{"code":42,"reason":"x"}""", "x")]
    [TestCase("""{"code":2999,"reason":"x"}""", "x")]
    [TestCase("""{"code":5000,"reason":"x"}""", "x")]
    [TestCase("""{"code":18446744073709551615,"reason":"x"}""", "x")]
    public async Task A_code_that_clients_do_not_know_lets_them_connect_again(string disconnect, string reason)
    {
        await CallAsync(methods => methods.Disconnect, $$"""{"user":"42","disconnect":{{disconnect}}}""");

        Assert.That(((DisconnectOrder)_control.Orders.Single().Order).Code, Is.EqualTo(new DisconnectCode(3000, reason)));
    }

    [TestCase("""{"code":4000,"reason":"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"}""")]
    public async Task A_reason_that_no_close_frame_can_carry_is_an_error_in_the_reply(string disconnect)
    {
        Assert.That((await CallAsync(methods => methods.Disconnect, $$"""{"user":"42","disconnect":{{disconnect}}}""")).Error?.Code, Is.EqualTo(107));
        Assert.That(_control.Orders, Is.Empty);
    }

    [Test]
    [Checklist(156)]
    public async Task A_disconnect_excludes_the_connections_on_its_list()
    {
        await CallAsync(methods => methods.Disconnect, """{"user":"42","whitelist":["a","b"]}""");

        Assert.That(((DisconnectOrder)_control.Orders.Single().Order).Spared, Is.EqualTo(new[] { "a", "b" }));
    }

    [TestCase("""{"user":"42","expire_at":1900000000}""", 1_900_000_000)]
    [TestCase("""{"user":"42","expired":true,"expire_at":1900000000}""", long.MinValue)]
    [TestCase("""{"user":"42"}""", long.MaxValue)]
    public async Task A_refresh_sets_the_end(string json, long seconds)
    {
        await CallAsync(methods => methods.Refresh, json);

        var end = seconds switch { long.MinValue => DateTimeOffset.MinValue, long.MaxValue => DateTimeOffset.MaxValue, _ => DateTimeOffset.FromUnixTimeSeconds(seconds) };
        Assert.That(((RefreshOrder)_control.Orders.Single().Order).ExpiresAt, Is.EqualTo(end));
    }

    [TestCase("""{"channel":5}""")]
    [TestCase("""{"user":42}""")]
    [TestCase("""{"client":[]}""")]
    [TestCase("""{"session":true}""")]
    [TestCase("""{"expire_at":"soon"}""")]
    [TestCase("""{"expire_at":1.5}""")]
    [TestCase("""{"override":[]}""")]
    [TestCase("""{"recover_since":5}""")]
    [TestCase("""{"recover_since":{"offset":-1}}""")]
    [TestCase("""{"recover_since":{"epoch":5}}""")]
    [TestCase("""{"b64info":5}""")]
    [TestCase("""{"user":"\ud800"}""")]
    [TestCase("[]")]
    public void Wrong_types_make_a_call_malformed(string json) => Assert.That(IsMalformed(methods => methods.Subscribe, json), Is.True);

    [TestCase("""{"disconnect":5}""")]
    [TestCase("""{"disconnect":{"code":-1}}""")]
    [TestCase("""{"disconnect":{"code":"4000"}}""")]
    [TestCase("""{"disconnect":{"code":4000,"reason":5}}""")]
    [TestCase("""{"whitelist":"a"}""")]
    [TestCase("""{"whitelist":[1]}""")]
    [TestCase("""{"whitelist":["\ud800"]}""")]
    public void Wrong_types_make_a_disconnect_malformed(string json) => Assert.That(IsMalformed(methods => methods.Disconnect, json), Is.True);

    private ConnectionMethods Methods() => new(
        new ServerApiChannels(new ChannelResolver(new ChannelNames(255), TestNamespaces.Of(("chat", new())))), _control);

    private async Task<ServerApiAnswer> CallAsync(Func<ConnectionMethods, ServerApiMethod> method, string json)
    {
        using var document = JsonDocument.Parse(json);
        var fields = new JsonFields(document.RootElement);
        var call = method(Methods())(fields);
        Assert.That(fields.IsMalformed, Is.False);
        return await call();
    }

    private bool IsMalformed(Func<ConnectionMethods, ServerApiMethod> method, string json)
    {
        using var document = JsonDocument.Parse(json);
        var fields = new JsonFields(document.RootElement);
        method(Methods())(fields);
        return fields.IsMalformed;
    }
}

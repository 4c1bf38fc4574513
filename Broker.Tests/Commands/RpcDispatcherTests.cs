using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Commands;

internal sealed class RpcDispatcherTests
{
    [Test]
    public void Calls_are_not_available_without_a_handler()
    {
        using var rig = new BrokerRig();

        Assert.That(Call(rig, "{\"method\":\"m\"}"), Is.EqualTo("{\"id\":2,\"error\":{\"code\":108,\"message\":\"not available\"}}"));
    }

    [TestCase("{\"method\":\"echo\",\"data\":{\"a\":1}}", "\"rpc\":{\"data\":{\"a\":1}}")]
    [TestCase("{\"method\":\"echo\"}", "\"rpc\":{}")]
    [TestCase("{\"method\":\"other\",\"data\":1}", "\"rpc\":{\"data\":\"other\"}")]
    [TestCase("{\"method\":\"refuse\"}", "\"error\":{\"code\":1000,\"message\":\"no\"}")]
    [TestCase("{\"method\":\"unheard\"}", "\"error\":{\"code\":104,\"message\":\"method not found\"}")]
    [TestCase("{}", "\"error\":{\"code\":104,\"message\":\"method not found\"}")]
    public void A_call_is_answered_by_the_first_handler_that_knows_its_method(string request, string expected)
    {
        using var rig = new BrokerRig(rpc: [new Echo(), new Other()]);

        Assert.That(Call(rig, request), Is.EqualTo($"{{\"id\":2,{expected}}}"));
    }

    [Test]
    public void An_answer_may_end_the_connection()
    {
        using var rig = new BrokerRig(rpc: [new Other()]);

        Assert.That(Call(rig, "{\"method\":\"end\"}"), Is.EqualTo("close 4500 enough"));
    }

    [Test]
    public void An_answer_that_is_not_JSON_disconnects_a_JSON_client()
    {
        using var rig = new BrokerRig(rpc: [new Other()]);

        Assert.That(Call(rig, "{\"method\":\"binary\"}"), Is.EqualTo("close 3506 inappropriate protocol"));
    }

    private static string Call(BrokerRig rig, string request) => new ClientLink(rig).Connected().Ask($"{{\"id\":2,\"rpc\":{request}}}").Single();

    private sealed class Echo : IRpcHandler
    {
        public ValueTask<Outcome<CallResult>> AnswerAsync(ClientConnection connection, string method, ReadOnlyMemory<byte> data) =>
            new(method == "echo" ? Outcome<CallResult>.Of(new(data)) : Outcome<CallResult>.Undecided);
    }

    private sealed class Other : IRpcHandler
    {
        public ValueTask<Outcome<CallResult>> AnswerAsync(ClientConnection connection, string method, ReadOnlyMemory<byte> data) => new(method switch
        {
            "echo" => Outcome<CallResult>.Of(new("\"not me\"".Utf8())),
            "other" => Outcome<CallResult>.Of(new("\"other\"".Utf8())),
            "refuse" => Outcome<CallResult>.Refused(new(1000, "no")),
            "end" => Outcome<CallResult>.Disconnected(new(4500, "enough")),
            "binary" => Outcome<CallResult>.Of(new(new byte[] { 0xFF })),
            _ => Outcome<CallResult>.Undecided,
        });
    }
}

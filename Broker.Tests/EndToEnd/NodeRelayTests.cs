using System.Globalization;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Clients whose stream is on one node and whose requests arrive at another.</summary>
public sealed class NodeRelayTests : TwoBrokersTests
{
    [OneTimeSetUp]
    public static Task InstallClient() => OfficialClient.InstallAsync();

    [Test]
    [Checklist(149)]
    public async Task Messages_of_a_client_to_the_wrong_node_reach_the_right_one_in_order()
    {
        await using var stream = await RunningStream.ConnectAsync(There);

        for (var id = 2; id < 102; id++)
        {
            Assert.That(await stream.SayAsync($$$"""{"id":{{{id}}},"unsubscribe":{"channel":"chat:a"}}""", to: Here), Is.EqualTo(204));
        }

        for (var id = 2; id < 102; id++)
        {
            Assert.That(await stream.ReadMessageAsync(), Is.EqualTo($$$"""{"id":{{{id}}},"unsubscribe":{}}"""));
        }
    }

    [Test]
    [Checklist(149)]
    public async Task An_unknown_node_is_a_404_and_an_unknown_session_a_204()
    {
        await using var stream = await RunningStream.ConnectAsync(There);
        var third = await StartNodeAsync();
        await using var other = await RunningStream.ConnectAsync(third);
        await third.DisposeAsync();

        Assert.That(await stream.SayAsync("{}", node: Guid.NewGuid().ToString(), to: Here), Is.EqualTo(404));
        Assert.That(await stream.SayAsync("{}", node: stream.Node.ToUpperInvariant() + "x", to: Here), Is.EqualTo(404));
        Assert.That(await stream.SayAsync("{}", node: other.Node, to: Here), Is.EqualTo(404));
        Assert.That(await stream.SayAsync("{}", session: other.Session, to: Here), Is.EqualTo(204));
        Assert.That(await stream.AskAsync("""{"id":2,"unsubscribe":{"channel":"x"}}"""), Is.EqualTo("""{"id":2,"unsubscribe":{}}"""), "It goes on.");
    }

    [Test]
    public async Task A_message_that_is_not_a_command_ends_only_its_stream()
    {
        await using var stream = await RunningStream.ConnectAsync(There);

        await stream.SayAsync("no json", to: Here);

        Assert.That(await stream.ReadMessageAsync(), Is.EqualTo("""{"push":{"disconnect":{"code":3501,"reason":"bad request"}}}"""));
        Assert.That(There.Warnings, Is.Empty);
    }

    [TestCase("http_stream", "json")]
    [TestCase("http_stream", "protobuf")]
    [TestCase("sse", "json")]
    [Checklist(149)]
    public Task The_official_client_may_send_to_another_node_than_it_listens_to(string transport, string encoding) =>
        OfficialClient.AssertTransportAsync(Port(There), transport, encoding, Port(Here));

    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Connections = options.Connections with { PingInterval = TimeSpan.FromSeconds(2), PongTimeout = TimeSpan.FromSeconds(1) } };

    private static string Port(RunningBroker broker) => broker.Url.Port.ToString(CultureInfo.InvariantCulture);
}

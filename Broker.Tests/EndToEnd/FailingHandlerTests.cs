using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A bug in a command: it ends that connection with a close frame, is logged, and others go on.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
internal sealed class FailingHandlerTests(TestTransport transport)
{
    private const string Fails = "{\"fails\":\"now\"}";
    private const string FailsLater = "{\"fails\":\"later\"}";
    private const string Waits = "{\"waits\":true}";

    private RunningBroker _broker = null!;

    [SetUp]
    public async Task StartBroker() => _broker = await RunningBroker.StartAsync(
        options => options with { Listeners = options.Listeners with { Transport = TestTransports.KindOf(transport), Reactors = 1 } },
        replace: services => services.AddSingleton<IMessageHandler>(provider => new FailingHandler(ActivatorUtilities.CreateInstance<CommandDispatcher>(provider))));

    [TearDown]
    public ValueTask StopBroker() => _broker.DisposeAsync();

    [TestCase(Fails)]
    [TestCase(FailsLater)]
    [TestCase(Waits, Fails)]
    [TestCase(Waits, FailsLater)]
    public async Task A_failure_ends_its_connection_with_3004_and_no_other(params string[] messages)
    {
        var other = await _broker.ConnectAsync();
        var client = await _broker.ConnectAsync();

        await client.SendAsync([.. messages.Select(RunningFrame.Text)]);

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3004, "internal server error")));
        await client.DisposeAsync();
        await other.SubscribeAsync("public.a");
        Assert.That(_broker.Errors, Has.Count.EqualTo(1).And.All.Contains("a bug of the test"));
        Assert.That(_broker.Get<ReactorPool>().Faults, Is.EqualTo(transport is TestTransport.Reactors ? 1 : 0));
        await Eventually.IsTrueAsync(() => _broker.Get<SocketGate>().Open == 1, "The failed connection keeps its socket");
    }

    private sealed class FailingHandler(IMessageHandler inner) : IMessageHandler
    {
        public ValueTask HandleAsync(ClientConnection connection, ReadOnlyMemory<byte> message) => message.Span.SequenceEqual(Fails.Utf8()) ? throw Bug()
            : message.Span.SequenceEqual(FailsLater.Utf8()) ? FailLaterAsync()
            : message.Span.SequenceEqual(Waits.Utf8()) ? WaitAsync()
            : inner.HandleAsync(connection, message);

        private static InvalidOperationException Bug() => new("a bug of the test");

        private static async ValueTask WaitAsync() => await Task.Yield();

        private static async ValueTask FailLaterAsync()
        {
            await Task.Yield();
            throw Bug();
        }
    }
}

using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>Connections take turns, and a greedy one takes the last.</summary>
internal sealed class ConnectionTurnsTests
{
    private const string Command = "{\"id\":9,\"unsubscribe\":{\"channel\":\"x\"}}";

    private static readonly BrokerOptions Options = new() { Connections = new() { CommandsPerSecond = 100 } };

    [Test]
    [CancelAfter(30_000)]
    public async Task A_greedy_connection_waits_in_the_slow_lane_and_then_gets_every_reply(CancellationToken cancellation)
    {
        using var rig = new BrokerRig(Options);
        using var lane = await BlockedLane.OfAsync(rig.Services.SlowLane);
        var greedy = new ClientLink(rig).Connected();
        var quiet = new ClientLink(rig).Connected();
        greedy.Send(string.Join('\n', Enumerable.Repeat(Command, 500)));

        // Two turns: after the second one the bucket is empty.
        var replies = await ReceiveAsync(greedy, 2 * CommandPace.MaxCommands, cancellation);
        Assert.That(quiet.Ask(Command), Is.EqualTo(new[] { "{\"id\":9,\"unsubscribe\":{}}" }), "a quiet connection does not wait");
        Assert.That(greedy.Received(), Is.Empty);
        lane.Open();

        Assert.That(replies + await ReceiveAsync(greedy, 500 - replies, cancellation), Is.EqualTo(500));
    }

    [Test]
    public void Commands_after_a_pause_are_not_greedy()
    {
        using var rig = new BrokerRig(Options);
        var link = new ClientLink(rig).Connected();

        for (var second = 0; second < 20; second++)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(0.5));
            for (var i = 0; i < 50; i++)
            {
                Assert.That(link.Ask(Command), Is.Not.Empty);
            }
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Commands_of_a_client_that_does_not_read_its_replies_wait_until_it_does(CancellationToken cancellation)
    {
        using var rig = new BrokerRig(new BrokerOptions { Connections = new() { CommandsPerSecond = 0 } });
        var link = new ClientLink(rig, pauseAt: 1_000).Connected();
        const int commands = 5_000;
        for (var i = 0; i < commands / 1_000; i++)
        {
            link.Send(string.Join('\n', Enumerable.Repeat(Command, 1_000)));
        }

        // The replies of all would be 130 KB.
        var waiting = link.Connection.Outbound.WaitingBytes;
        Assert.That(waiting, Is.LessThan(20_000));
        Assert.That(await ReceiveAsync(link, commands, cancellation), Is.EqualTo(commands));
    }

    private static async Task<int> ReceiveAsync(ClientLink link, int replies, CancellationToken cancellation)
    {
        var received = 0;
        while (received < replies)
        {
            received += (await link.ReceivedAsync(cancellation)).Length;
        }

        return received;
    }

    /// <summary>Turns that fill the lane until it is opened.</summary>
    private sealed class BlockedLane : IDisposable
    {
        private readonly ManualResetEventSlim _open = new();

        public static async Task<BlockedLane> OfAsync(SlowLane lane)
        {
            var blocked = new BlockedLane();
            var entered = new CountdownEvent(Math.Max(1, Environment.ProcessorCount / 2));
            for (var i = 0; i < entered.InitialCount; i++)
            {
                _ = blocked.BlockAsync(lane, entered);
            }

            await Task.Run(entered.Wait);
            return blocked;
        }

        public void Open() => _open.Set();

        public void Dispose() => Open();

        private async Task BlockAsync(SlowLane lane, CountdownEvent entered)
        {
            await lane.NextTurn();
            entered.Signal();
            _open.Wait();
        }
    }
}

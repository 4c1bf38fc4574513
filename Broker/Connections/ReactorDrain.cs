using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Connections;

/// <summary>When the broker stops, waits until the clients on reactors have disconnected: the server does not know of their connections.</summary>
/// <remarks>They were told to reconnect before. Those that are still there when the time is over are aborted.</remarks>
internal sealed class ReactorDrain(TimerWheel wheel) : IHostedService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    // For aborted connections, to leave the store in order.
    private static readonly TimeSpan AfterAbort = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!await IsEmptyAsync(cancellationToken))
        {
            OnReactors().ForEach(connection => connection.Abort());
            using var limit = new CancellationTokenSource(AfterAbort);
            await IsEmptyAsync(limit.Token);
        }
    }

    // In real time, like the limit of the host's shutdown: a clock that stands still must not keep the process.
    private async Task<bool> IsEmptyAsync(CancellationToken limit)
    {
        bool isEmpty;
        while (!(isEmpty = OnReactors().Count == 0) && !limit.IsCancellationRequested)
        {
            await Task.Delay(LookEvery, CancellationToken.None);
        }

        return isEmpty;
    }

    // A connection waits in the wheel until it is closed.
    private List<ClientConnection> OnReactors() =>
        [.. wheel.Snapshot().OfType<ClientConnection>().Where(connection => connection.Outbound is SocketOutbound)];
}

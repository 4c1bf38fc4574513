using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Connections;

/// <summary>
/// Looks after subscriptions that track a position while nothing is published: whether what was published last has reached them. A message between
/// two nodes may have been lost, or a history evicted.
/// </summary>
/// <remarks>Thread-safe. Asking also keeps the channel's position alive while somebody listens.</remarks>
internal sealed partial class PositionWatch(IChannelEngine engine, ChannelNamespaces namespaces, ILogger<PositionWatch> logger)
{
    /// <summary>Asks the engine, and does not wait for the answer.</summary>
    public void Check(ClientConnection connection, Subscription subscription) => _ = CheckAsync(connection, subscription).AsTask();

    private async ValueTask CheckAsync(ClientConnection connection, Subscription subscription)
    {
        try
        {
            var options = namespaces.Find(subscription.Channel) ?? ChannelOptions.None;
            var page = await engine.ReadHistoryAsync(subscription.Channel, HistoryFilter.Position, options.HistoryMetaTtl);
            connection.Subscriptions.EndIfBehind(subscription, page.Top);
        }
        catch (StoreUnavailableException)
        {
            // The store has told the log, once. The next look finds what was lost meanwhile.
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.CheckFailed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The position of a channel could not be asked for.")]
        public static partial void CheckFailed(ILogger logger, Exception exception);
    }
}

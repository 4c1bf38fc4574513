namespace ClawEvents.Cli.Streams;

/// <summary>Keeps a set of subscriptions alive over any number of connections.</summary>
/// <param name="address">ws or wss.</param>
/// <param name="token">Asked before each connect, so that a login elsewhere counts; null means anonymous.</param>
/// <param name="subscriptions">What to subscribe to.</param>
/// <param name="sink">Gets the publications, always from one task at a time.</param>
/// <param name="reporter">Says on stderr what happens.</param>
internal sealed class SubscriptionClient(
    Uri address, Func<string?> token, SubscriptionSet subscriptions, IPublicationSink sink, StreamReporter reporter)
{
    private readonly string _shownAddress = address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    private readonly Backoff _backoff = new(Random.Shared.NextDouble);
    private string? _lastTrouble;
    private bool _wasConnected;

    /// <summary>Runs until the user stops it, the server ends it for good, or no channel is left.</summary>
    public async Task<StreamEnd> RunAsync(CancellationToken stop)
    {
        while (true)
        {
            reporter.Detail("Connecting to WebSocket...");
            using var session = new SubscriptionSession(subscriptions, sink, reporter, HandleConnected);
            var end = await session.RunAsync(address, token(), stop);
            if (end.Kind is not StreamEndKind.Lost)
            {
                return end;
            }
            ReportTrouble(end.Reason);
            if (await IsStoppedWithinAsync(_backoff.Next(), stop))
            {
                return new StreamEnd(StreamEndKind.Stopped, "");
            }
        }
    }

    private static async Task<bool> IsStoppedWithinAsync(TimeSpan wait, CancellationToken stop)
    {
        await Task.Delay(wait, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return stop.IsCancellationRequested;
    }

    private void HandleConnected()
    {
        if (_lastTrouble is not null)
        {
            reporter.Notice($"{(_wasConnected ? "Reconnected" : "Connected")} to {_shownAddress}");
        }
        _lastTrouble = null;
        _wasConnected = true;
        _backoff.Reset();
    }

    // A long outage is one line, not one every twenty seconds; another reason is news.
    private void ReportTrouble(string reason)
    {
        if (reason == _lastTrouble)
        {
            return;
        }
        var connectionWasLost = _lastTrouble is null && _wasConnected;
        reporter.Notice(connectionWasLost
            ? $"Connection to {_shownAddress} lost: {reason}; reconnecting"
            : $"Cannot connect to {_shownAddress}: {reason}; trying again");
        _lastTrouble = reason;
    }
}

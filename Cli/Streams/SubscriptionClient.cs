using ClawEvents.Cli.Http;

namespace ClawEvents.Cli.Streams;

/// <summary>Keeps a set of subscriptions alive over any number of connections.</summary>
/// <param name="address">ws or wss.</param>
/// <param name="token">Read for each connect.</param>
/// <param name="sink">Gets the publications, always from one task at a time.</param>
/// <param name="retries">Whether a server to which no connection can be made is tried again, too.</param>
internal sealed class SubscriptionClient(
    Uri address,
    StreamToken token,
    SubscriptionSet subscriptions,
    IPublicationSink sink,
    StreamReporter reporter,
    CertificateTrust trust,
    bool retries,
    TimeProvider time)
{
    private readonly string _shownAddress = address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    private readonly Backoff _backoff = new(Random.Shared.NextDouble);
    private IDisposable? _waiting;
    private string? _lastTrouble;
    private bool _wasConnected;

    /// <summary>Runs until the user stops it, the server ends it for good, or no channel is left.</summary>
    public async Task<StreamEnd> RunAsync(CancellationToken stop)
    {
        while (true)
        {
            var end = await ConnectOnceAsync(stop);
            switch (end.Kind)
            {
                case StreamEndKind.Behind:
                    await CatchUpAsync(stop);
                    break;
                case StreamEndKind.Lost:
                // What worked before may work again: a laptop without a network finds no host either.
                case StreamEndKind.Unusable when retries || _wasConnected:
                case StreamEndKind.TokenExpired or StreamEndKind.TokenInvalid when MayGetAnotherToken(end.Kind):
                    ReportTrouble(end);
                    await WaitAsync(_backoff.Next(), stop);
                    break;
                case StreamEndKind.TokenExpired or StreamEndKind.TokenInvalid when token.TryGiveUp():
                    ReportGivenUp(end);
                    break;
                case StreamEndKind.NewLogin:
                    reporter.WriteNotice("Logged in again: connecting with the new token");
                    break;
                default:
                    return end;
            }
            if (stop.IsCancellationRequested)
            {
                return new StreamEnd(StreamEndKind.Stopped, "");
            }
        }
    }

    private async Task<StreamEnd> ConnectOnceAsync(CancellationToken stop)
    {
        reporter.WriteDetail("Connecting to WebSocket...");
        _waiting = reporter.BeginWait($"Connecting to {_shownAddress} ...");
        using var session = new SubscriptionSession(subscriptions, token, sink, reporter, trust, HandleConnected, time);
        var end = await session.RunAsync(address, stop);
        EndWait();
        return end;
    }

    private void EndWait()
    {
        _waiting?.Dispose();
        _waiting = null;
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken stop) =>
        await Task.Delay(wait, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    // Where a token is required, one that has expired before the start is an error. A stream that has run for days waits for
    // the next login instead.
    private bool MayGetAnotherToken(StreamEndKind kind) =>
        token.TryReadNew(out _) || (token.IsRequired && kind is StreamEndKind.TokenExpired && _wasConnected && !token.IsFixed);

    private async Task CatchUpAsync(CancellationToken stop)
    {
        reporter.WriteNotice($"{sink.Lag}: disconnected until half of that is handled");
        _lastTrouble = "behind";
        await sink.WaitForRoomAsync(stop);
    }

    private void HandleConnected()
    {
        EndWait();
        if (_lastTrouble is not null)
        {
            reporter.WriteNotice($"{(_wasConnected ? "Reconnected" : "Connected")} to {_shownAddress}");
        }
        _lastTrouble = null;
        _wasConnected = true;
        _backoff.Reset();
    }

    private void ReportGivenUp(StreamEnd end) => reporter.WriteNotice(
        $"The token is not accepted ({end.Reason}): continuing without it, as an anonymous subscriber"
        + (token.IsFixed ? "" : "; to use a new one, log in: claw.events login --user <name>"));

    // A long outage is one line, not one every twenty seconds; another reason is news.
    private void ReportTrouble(StreamEnd end)
    {
        if (end.Reason == _lastTrouble)
        {
            return;
        }
        var connectionWasLost = _lastTrouble is null && _wasConnected;
        reporter.WriteNotice(connectionWasLost
            ? $"Connection to {_shownAddress} lost: {end.Reason}; reconnecting"
            : $"Cannot connect to {_shownAddress}: {end.Reason}; trying again");
        if (end.Kind is StreamEndKind.TokenExpired)
        {
            reporter.WriteNotice("Log in again to continue: claw.events login --user <name>");
        }
        _lastTrouble = end.Reason;
    }
}

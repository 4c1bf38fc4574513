using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Telemetry;
using StackExchange.Redis;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>Passes on every order of other nodes once and in order: as they arrive, and, after a gap, from the list of recent orders in Redis.</summary>
/// <remarks>
/// DESIGN. Each order names the one before it. One that follows the last order that this node knows is passed on. Any other one shows a gap, and so may an
/// interruption: then the list is read from the last known order to its end, and what arrives meanwhile is left to it, because it is in the list before
/// it is published. So nothing is carried out twice, or before an order that was given earlier.
/// An order from the list is meant for the clients of the time when it was given: one that has connected since is left alone. Ages are compared, not
/// times: the clocks of Redis and of the node may differ.
/// Thread-safe. Members do not wait and do not throw.
/// </remarks>
/// <param name="nodeId">Orders of this node itself are only counted.</param>
/// <param name="ask">Reads the list after an order.</param>
internal sealed partial class OrderSequence(
    Guid nodeId, INodeOrders orders, Func<OrderId, ValueTask<RedisResult>> ask, BrokerMetrics metrics, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    // A page that took longer is asked for again, some times: by so much the age of an order is not known, and a client that has connected so
    // shortly before an order is left alone, too.
    private static readonly TimeSpan MaxDoubt = TimeSpan.FromMilliseconds(20);
    private const int MaxTries = 10;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _reading = Task.CompletedTask;

    // Null until a part of the list was read.
    private OrderId? _last;

    // Whether the list was read to its end once: what was in it before concerns nobody who is connected here, as a rule.
    private bool _hasBegun;
    private bool _hasHeard;
    private bool _isReading;
    private bool _hasMore;
    private bool _isLogged;

    /// <summary>An order has arrived.</summary>
    /// <param name="previous">The order before it.</param>
    public void OnOrder(OrderId id, OrderId previous, Guid sender, NodeMessage message)
    {
        lock (_gate)
        {
            if (_isReading || (previous != _last && !(id <= _last)))
            {
                Read();
            }
            else if (previous == _last)
            {
                _last = id;
                PassOn(sender, message);
            }
        }
    }

    /// <summary>The node hears orders again, or for the first time.</summary>
    /// <returns>Whether it is the first time.</returns>
    public bool OnHearing()
    {
        lock (_gate)
        {
            Read();
            var isFirst = !_hasHeard;
            _hasHeard = true;
            return isFirst;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task reading;
        lock (_gate)
        {
            reading = _reading;
        }

        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    // Under the gate.
    private void Read()
    {
        _hasMore = true;
        if (!_isReading && !_stop.IsCancellationRequested)
        {
            _isReading = true;
            _reading = Task.Run(() => Unattended.RunAsync(ReadAsync, logger, "read the orders that this node has missed"));
        }
    }

    private async ValueTask ReadAsync()
    {
        while (true)
        {
            try
            {
                if (await TryFinishAsync())
                {
                    return;
                }

                continue;
            }
            catch (StoreUnavailableException)
            {
                // Reported by the connection; the list waits.
            }
            catch (InvalidDataException exception)
            {
                LogUnreadable(exception);
            }

            await Task.Delay(RetryDelay, _stop.Token);
        }
    }

    // Reads one page. Returns true when it is the last one, and nothing has arrived since it was asked for.
    private async ValueTask<bool> TryFinishAsync()
    {
        OrderId? last;
        lock (_gate)
        {
            last = _last;
            _hasMore = false;
        }

        var (page, askedAt) = await AskAsync(last ?? OrderId.None);
        ReportGap(last, page);
        lock (_gate)
        {
            foreach (var order in page.Orders)
            {
                PassOn(order, askedAt, page.Now);
            }

            _last = page.Orders is [.., var newest] ? newest.Id : page.Top;
            _isReading = page.Orders.Count > 0 || _hasMore;
            _hasBegun |= !_isReading;
            return !_isReading;
        }
    }

    // The first answer may have waited for the connection.
    private async ValueTask<(OrderPage Page, long AskedAt)> AskAsync(OrderId last)
    {
        for (var tries = 1; ; tries++)
        {
            var askedAt = time.GetTimestamp();
            var page = OrderCommands.ReadPage(await ask(last));
            if (page.Orders.Count == 0 || tries == MaxTries || time.GetElapsedTime(askedAt) < MaxDoubt)
            {
                return (page, askedAt);
            }
        }
    }

    // The list begins after the orders that are missing, or Redis has lost it, or its newest part.
    private void ReportGap(OrderId? last, in OrderPage page)
    {
        if (last is { } known && (page.Orders is [var first, ..] ? first.Previous : page.Top) != known)
        {
            metrics.OrderMissed("lost");
            Log.Lost(logger, OrderCommands.MaxKept);
        }
    }

    private void PassOn(in KeptOrder order, long askedAt, ulong now)
    {
        if (NodeMessageCodec.Read(order.Content, out var sender) is not NodeOrder message)
        {
            metrics.BusMessageDropped(nameof(EnvelopeFault.Malformed));
            return;
        }

        var age = now > order.Id.Milliseconds ? TimeSpan.FromMilliseconds(now - order.Id.Milliseconds) : TimeSpan.Zero;
        var given = askedAt - (long)(age.TotalSeconds * time.TimestampFrequency);
        PassOn(sender, message with { Whom = message.Whom with { ConnectedUntil = given } });
        if (_hasBegun && sender != nodeId)
        {
            metrics.OrderMissed("made_up");
        }
    }

    private void PassOn(Guid sender, NodeMessage message)
    {
        if (sender != nodeId)
        {
            orders.OnMessage(sender, message);
        }
    }

    private void LogUnreadable(InvalidDataException exception)
    {
        if (!_isLogged)
        {
            _isLogged = true;
            Log.Unreadable(logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Warning, "Orders of other nodes (disconnect, unsubscribe, subscribe, refresh) may have been missed for good while this node did not hear Redis, which keeps the last {Kept} at most, or has lost them. Give those that must count again.")]
        public static partial void Lost(ILogger logger, int kept);

        [LoggerMessage(12, LogLevel.Error, "Missed orders of other nodes cannot be read: {Fault}.")]
        public static partial void Unreadable(ILogger logger, string fault);
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Telemetry.Traffic;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.SharedPolls;

/// <summary>The channels of shared polls that have subscribers on this node, and what they share. docs/reference/shared-polls.md</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SharedPollChannels : IDisposable
{
    private readonly ConcurrentDictionary<ChannelName, PolledChannel> _channels = new();
    private readonly CancellationTokenSource _stopping = new();

    // Also valid when its source has been disposed of.
    private readonly CancellationToken _stop;
    private readonly BackEnds _backEnds;
    private readonly ProxyOptions _proxies;
    private readonly BrokerMetrics _metrics;
    private readonly ChannelTraffic? _traffic;
    private readonly SemaphoreSlim _questions;
    private readonly ILogger<SharedPollChannels> _logger;

    /// <param name="transports">When pushes are compressed.</param>
    /// <param name="reactors">Null: there are none.</param>
    /// <param name="traffic">Null: nobody watches it.</param>
    public SharedPollChannels(
        BackEnds backEnds,
        ProxyOptions proxies,
        SharedPollSettings settings,
        TransportSettings transports,
        BrokerMetrics metrics,
        TimerWheel wheel,
        TimeProvider time,
        ILogger<SharedPollChannels> logger,
        ReactorPool? reactors = null,
        ChannelTraffic? traffic = null)
    {
        (_backEnds, _proxies, _metrics, _logger, _traffic) = (backEnds, proxies, metrics, logger, traffic);
        _stop = _stopping.Token;
        (Wheel, Time, Reactors, Compression) = (wheel, time, reactors, transports.Compression);
        _questions = new SemaphoreSlim(settings.Concurrency);
        Counts = new SharedPollCounts(metrics, () => _channels.Count, () => _channels.Values.Sum(channel => channel.KeyCount));
    }

    public TimerWheel Wheel { get; }

    public TimeProvider Time { get; }

    public ReactorPool? Reactors { get; }

    /// <summary>Of the pushes.</summary>
    public Compression Compression { get; }

    public SharedPollCounts Counts { get; }

    /// <summary>Puts a subscription into its channel, which begins with its first subscriber.</summary>
    /// <inheritdoc cref="PolledChannel.TryEnter"/>
    public PolledChannel Enter(SharedPollSubscription subscription, SharedPollOptions options, out string epoch)
    {
        PolledChannel channel;
        while (!(channel = _channels.GetOrAdd(subscription.Channel, name => new PolledChannel(this, name, options))).TryEnter(subscription, out epoch))
        {
            Remove(channel);
        }

        return channel;
    }

    /// <summary>The channel that a publication has to be given to.</summary>
    /// <remarks>Hot path: once per publication of any channel. No gate, no allocation.</remarks>
    public bool TryFind(ChannelName name, [NotNullWhen(true)] out PolledChannel? channel) => _channels.TryGetValue(name, out channel);

    public void Remove(PolledChannel channel) => _channels.TryRemove(new(channel.Name, channel));

    /// <summary>Asks the back end of a channel, as soon as not too many others are asked.</summary>
    /// <param name="question">Made when its turn has come; an empty one is not asked.</param>
    /// <returns>Null when there is no answer, which the back ends report: the next cycle asks again.</returns>
    /// <exception cref="OperationCanceledException">The broker stops.</exception>
    public async Task<PollAnswer?> AskAsync(PolledChannel channel, Func<IReadOnlyList<AskedKey>> question)
    {
        await _questions.WaitAsync(_stop);
        try
        {
            var items = question();
            return items.Count > 0 && _proxies.Find(channel.Options.Proxy) is { } proxy
                ? (await _backEnds.PollAsync(proxy, channel.Name, items, _stop)).Value
                : null;
        }
        finally
        {
            _questions.Release();
        }
    }

    /// <returns>False when the broker stops.</returns>
    public async Task<bool> TryWaitAsync(TimeSpan wait)
    {
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, Time, _stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return !_stop.IsCancellationRequested;
    }

    /// <summary>Does work of a poll, whose failure is logged: the next cycle comes all the same.</summary>
    public Task RunUnattendedAsync(Func<ValueTask> work) => Unattended.RunAsync(work, _logger, "ask for the values of a shared poll");

    /// <param name="bytes">Of the value.</param>
    public void CountDeliveries(ChannelName channel, int bytes, int deliveries)
    {
        _metrics.Published(channel, bytes, deliveries);
        _traffic?.Delivered(channel, deliveries);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }
}

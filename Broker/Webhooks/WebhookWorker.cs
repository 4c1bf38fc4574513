using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Webhooks;

/// <summary>Delivers to one webhook, one message after the other, as long as this node holds the lease of its share.</summary>
/// <remarks>
/// DESIGN. It joins the hub before it reads the history, as every subscriber does, so a publication is in the history that it reads or wakes it. A channel with
/// history is read from the cursor in the store, page by page, and the cursor moves when the receiver has answered: a message is repeated rather than lost.
/// What is published to a channel without history waits in memory, in bounds.
/// <para>One task runs it; <see cref="DisposeAsync"/> and the properties are for any thread.</para>
/// </remarks>
internal sealed partial class WebhookWorker : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private readonly WebhookServices _services;
    private readonly Func<bool> _holdsLease;
    private readonly ILogger _logger;
    private readonly Principal _owner;
    private readonly WebhookReceiver _receiver;
    private readonly Subscription _subscription;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    // The worker's own.
    private WebhookProgress _progress;
    private WebhookMessage? _pending;
    private int _failures;
    private bool _isHeard;
    private long _lag;

    // From just before it is in the store that the webhook is paused: a node that resumes it then finds that it needs another worker.
    private volatile bool _isOver;

    /// <summary>Begins.</summary>
    /// <param name="webhook">One that is not paused.</param>
    /// <param name="holdsLease">Whether the lease has not ended since it was renewed.</param>
    public WebhookWorker(Webhook webhook, WebhookLease lease, WebhookServices services, Func<bool> holdsLease, ILogger logger)
    {
        (Webhook, Lease, _services, _holdsLease, _logger) = (webhook, lease, services, holdsLease, logger);
        _owner = Principal.Of(webhook.Owner, webhook.Token);
        _progress = webhook.Progress;
        _receiver = new(_owner, services.Budget);
        _receiver.Keep(!services.Channels.Resolve(webhook.Channel).OptionsOrNone.KeepsHistory);
        _subscription = new(_receiver, webhook.Channel);
        _work = Task.Run(RunAsync);
    }

    public Webhook Webhook { get; }

    public WebhookLease Lease { get; }

    /// <summary>It is over: the webhook is paused, or somebody else's.</summary>
    public bool HasEnded => _isOver || _work.IsCompleted;

    /// <summary>Publications that the receiver does not have yet.</summary>
    public long Lag => Volatile.Read(ref _lag);

    /// <summary>Wakes it, in case that it has missed something.</summary>
    public void Wake() => _receiver.Signal();

    /// <summary>Ends it. A message on its way may arrive, and is then repeated.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        _services.Hub.Add(_subscription);
        try
        {
            for (var next = NextStep.Now; !next.IsLast;)
            {
                next = await WaitAsync(next.Wait) ?? await RunStepAsync(StepAsync);
            }
        }
        finally
        {
            _services.Hub.Remove(_subscription);
            if (_isHeard)
            {
                _services.Bus.Unsubscribe(Webhook.Channel);
            }

            _receiver.Clear();
        }
    }

    // Null: it is time for the next step. A wait after a failure is not cut short, but what wakes the worker may be the loss of its right.
    private async Task<NextStep?> WaitAsync(TimeSpan wait)
    {
        if (wait == Timeout.InfiniteTimeSpan)
        {
            await _receiver.WaitAsync(_stop.Token);
            return null;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var delay = Task.Delay(wait, _services.Time, over.Token);
        while (await Task.WhenAny(delay, _receiver.WaitAsync(over.Token)) != delay && !_stop.IsCancellationRequested)
        {
            if (_receiver.TakeLoss() && await RunStepAsync(async () => await FindLossAsync() ?? NextStep.Now) is { IsLast: true } last)
            {
                await over.CancelAsync();
                return last;
            }
        }

        await over.CancelAsync();
        _stop.Token.ThrowIfCancellationRequested();
        return null;
    }

    // An unavailable store, or a bug, delays this webhook and no other one.
    private async Task<NextStep> RunStepAsync(Func<ValueTask<NextStep>> step)
    {
        var next = NextStep.After(RetryDelay);
        await Unattended.RunAsync(async () => next = await step(), _logger, $"deliver to the webhook {Webhook.Id}");
        _isOver = next.IsLast;
        return next;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The webhook {Webhook} of {Owner} is paused: {Reason}; last fault: {Fault}. Its owner can resume it.")]
        public static partial void Paused(ILogger logger, string webhook, string owner, string reason, string fault);
    }
}

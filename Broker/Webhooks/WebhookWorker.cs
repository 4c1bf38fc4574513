using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
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
    private const string Failing = "failing";
    private const string Gone = "gone";

    // Bounds what waits in memory: a page for each delivery that runs.
    private const int PageSize = 8;

    // In a channel without history.
    private static readonly StreamPosition Nowhere = new(0, "");

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
    public bool HasEnded => _work.IsCompleted;

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
            if (await RunStepAsync(async () => await FindLossAsync() ?? NextStep.Now) is { IsLast: true } last)
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
        return next;
    }

    private async ValueTask<NextStep> StepAsync()
    {
        if (!_isHeard)
        {
            await _services.Bus.SubscribeAsync(Webhook.Channel);
            _isHeard = true;
        }

        await _services.Budget.Places.WaitAsync(_stop.Token);
        try
        {
            var channel = _services.Channels.Resolve(Webhook.Channel);
            _receiver.Keep(!channel.OptionsOrNone.KeepsHistory);
            return await FindLossAsync() ?? (channel.OptionsOrNone.KeepsHistory ? await DeliverHistoryAsync(channel) : await DeliverHeardAsync());
        }
        finally
        {
            _services.Budget.Places.Release();
        }
    }

    private async ValueTask<NextStep> DeliverHistoryAsync(ResolvedChannel channel)
    {
        var page = await ReadAsync(channel, _progress.Cursor);
        if (_progress.Cursor.Epoch.Length == 0)
        {
            // The channel had no history before.
            return await SaveAsync(_progress with { Cursor = page.Top }) ?? NextStep.Now;
        }

        if (page.Top.Epoch != _progress.Cursor.Epoch)
        {
            page = await ReadAsync(channel, null);
        }

        if (HistoryGap.Find(_progress.Cursor, page) is { } gap)
        {
            return await SendAsync(WebhookMessage.OfGap(Webhook, gap.Last, gap.Missed), gap.Last) ?? NextStep.Now;
        }

        foreach (var stored in page.Publications)
        {
            Volatile.Write(ref _lag, (long)(page.Top.Offset - _progress.Cursor.Offset));
            var position = new StreamPosition(stored.Offset, page.Top.Epoch);
            if (await SendAsync(WebhookMessage.OfPublication(Webhook, position, stored.Publication), position) is { } next)
            {
                return next;
            }
        }

        Volatile.Write(ref _lag, (long)(page.Top.Offset - _progress.Cursor.Offset));
        return page.Publications.Count < PageSize ? NextStep.WhenWoken : NextStep.Now;
    }

    private ValueTask<HistoryPage> ReadAsync(ResolvedChannel channel, StreamPosition? since) =>
        _services.Engine.ReadHistoryAsync(channel.Name, new(PageSize, since), channel.OptionsOrNone.HistoryMetaTtl);

    private async ValueTask<NextStep> DeliverHeardAsync()
    {
        for (var i = 0; i < PageSize; i++)
        {
            Volatile.Write(ref _lag, _receiver.Count + (_pending is null ? 0 : 1));
            _pending ??= TakeHeard();
            if (_pending is null)
            {
                return NextStep.WhenWoken;
            }

            if (await SendAsync(_pending, Nowhere) is { } next)
            {
                return next;
            }

            _pending = null;
        }

        return NextStep.Now;
    }

    private WebhookMessage? TakeHeard()
    {
        return !_receiver.TryTake(out var publication, out var missed) ? null
            : missed > 0 ? WebhookMessage.OfGap(Webhook, Nowhere, missed)
            : WebhookMessage.OfPublication(Webhook, Nowhere, publication);
    }

    // Null: it was delivered, and the next message may follow.
    private async ValueTask<NextStep?> SendAsync(WebhookMessage message, StreamPosition cursor)
    {
        if (await FindLossAsync() is { } loss)
        {
            return loss;
        }

        var answer = await _services.Sender.SendAsync(Webhook, message, _stop.Token);
        _services.Metrics.WebhookAnswered(answer.IsDelivered);
        if (!answer.IsDelivered)
        {
            return await FailAsync(answer);
        }

        _failures = 0;
        return await SaveAsync(new(cursor));
    }

    // Null: the owner may hear the channel, and this node may deliver.
    private async ValueTask<NextStep?> FindLossAsync() =>
        !_holdsLease() ? NextStep.After(RetryDelay)
        : await _services.Right.FindRefusalAsync(_owner, Webhook.Channel) is { } refusal ? await PauseAsync(_progress, refusal.Word)
        : null;

    private async ValueTask<NextStep> FailAsync(WebhookAnswer answer)
    {
        _failures++;
        var now = _services.Now;
        var progress = _progress with { FailingSince = _progress.FailingSince == 0 ? now : _progress.FailingSince, Fault = answer.Fault };
        if (answer.IsGone || now - progress.FailingSince >= _services.Options.RetryTime.TotalMilliseconds)
        {
            return await PauseAsync(progress, answer.IsGone ? Gone : Failing);
        }

        return await SaveAsync(progress) ?? NextStep.After(WebhookBackoff.After(_failures, answer.RetryAfter, Random.Shared.NextDouble()));
    }

    private async ValueTask<NextStep> PauseAsync(WebhookProgress progress, string reason)
    {
        if (await SaveAsync(progress with { PausedBy = reason, PausedAt = _services.Now }) is null)
        {
            _services.Metrics.WebhookPaused(reason);
            Log.Paused(_logger, Webhook.Id, _owner.Name, reason, progress.Fault ?? "none");
        }

        return NextStep.None;
    }

    // Null: saved.
    private async ValueTask<NextStep?> SaveAsync(WebhookProgress progress)
    {
        if (progress != _progress && !await _services.Store.TrySaveAsync(Webhook.Id, progress, Lease))
        {
            return NextStep.None;
        }

        _progress = progress;
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The webhook {Webhook} of {Owner} is paused: {Reason}; last fault: {Fault}. Its owner can resume it.")]
        public static partial void Paused(ILogger logger, string webhook, string owner, string reason, string fault);
    }
}

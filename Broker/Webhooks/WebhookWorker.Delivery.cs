using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Webhooks;

// What is delivered, and what becomes of it.
internal sealed partial class WebhookWorker
{
    // Bounds what waits in memory: a page for each delivery that runs.
    private const int PageSize = 8;

    // In a channel without history.
    private static readonly StreamPosition Nowhere = new(0, "");

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
        : await _services.Right.FindRefusalAsync(_owner, Webhook.Channel) is { } refusal ? await PauseAsync(_progress, refusal)
        : null;

    private async ValueTask<NextStep> FailAsync(WebhookAnswer answer)
    {
        _failures++;
        var now = _services.Now;
        var progress = _progress with { FailingSince = _progress.FailingSince == 0 ? now : _progress.FailingSince, Fault = answer.Fault };
        if (answer.IsGone || now - progress.FailingSince >= _services.Options.RetryTime.TotalMilliseconds)
        {
            return await PauseAsync(progress, answer.IsGone ? WebhookReasons.Gone : WebhookReasons.Failing);
        }

        return await SaveAsync(progress) ?? NextStep.After(WebhookBackoff.After(_failures, answer.RetryAfter, Random.Shared.NextDouble()));
    }

    private async ValueTask<NextStep> PauseAsync(WebhookProgress progress, string reason)
    {
        _isOver = true;
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
}

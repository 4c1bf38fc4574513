using System.Threading.Channels;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Webhooks;

/// <summary>A webhook as the hub sees it: it wakes its worker, and keeps what no history keeps.</summary>
/// <remarks>Thread-safe for one worker.</remarks>
internal sealed class WebhookReceiver(Principal owner, WebhookBudget budget) : ISubscriber
{
    /// <summary>The most publications that wait.</summary>
    public const int MaxHeard = 256;

    // About what a publication takes besides its data.
    private const int Overhead = 200;

    private readonly Channel<bool> _signal = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();

    // Under the gate.
    private readonly Queue<Publication> _heard = new();
    private ulong _missed;

    // Written by the worker; when it is wrong for a moment, the history has the publication or it is one too many.
    private volatile bool _keeps;
    private int _mayHaveLostRight;

    /// <inheritdoc/>
    public Principal Principal => owner;

    /// <inheritdoc/>
    public Wire Wire => Wire.WebSocketJson;

    /// <summary>Publications that wait here.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _heard.Count;
            }
        }
    }

    /// <summary>Sets whether publications are kept here; otherwise the channel's history has them.</summary>
    public void Keep(bool keeps)
    {
        _keeps = keeps;
        if (!keeps)
        {
            Clear();
        }
    }

    /// <summary>Waits until there may be something to do.</summary>
    public async Task WaitAsync(CancellationToken cancellation) => await _signal.Reader.ReadAsync(cancellation);

    /// <returns>True, once, after somebody has found that the owner may have lost the right to hear the channel.</returns>
    public bool TakeLoss() => Interlocked.Exchange(ref _mayHaveLostRight, 0) == 1;

    /// <summary>Wakes the worker.</summary>
    public void Signal() => _signal.Writer.TryWrite(true);

    /// <summary>Removes the oldest publication that waits, or first the number of those before it that found no room.</summary>
    /// <returns>False when there is neither.</returns>
    public bool TryTake(out Publication publication, out ulong missed)
    {
        lock (_gate)
        {
            (missed, _missed) = (_missed, 0);
            publication = default;
            if (missed == 0 && _heard.TryDequeue(out publication))
            {
                budget.Return(CostOf(publication));
                return true;
            }

            return missed > 0;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            budget.Return(_heard.Sum(CostOf));
            _heard.Clear();
            _missed = 0;
        }
    }

    /// <inheritdoc/>
    public bool TryEnqueue(Subscription subscription, ChannelPush push)
    {
        if (push.Kind is PushKind.Publication && subscription.HasJoinedBefore(push))
        {
            if (_keeps)
            {
                Add(push.Publication);
            }

            Signal();
        }

        return true;
    }

    /// <inheritdoc/>
    public bool TryEnqueue(Subscription subscription, PushBatch batch)
    {
        foreach (var push in batch.Pushes)
        {
            TryEnqueue(subscription, push);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Interrupt(Subscription subscription, StreamPosition? top) => Signal();

    /// <summary>The worker asks for its right itself, and so learns why.</summary>
    public void EndSubscription(Subscription subscription, UnsubscribeCode code)
    {
        Volatile.Write(ref _mayHaveLostRight, 1);
        Signal();
    }

    /// <summary>Nothing is lost with it: the worker looks what there is.</summary>
    public void Disconnect(DisconnectCode code) => Signal();

    // The oldest make room, so that those that are missing come before those that wait.
    private void Add(in Publication publication)
    {
        var cost = CostOf(publication);
        lock (_gate)
        {
            while (_heard.Count >= MaxHeard)
            {
                DropOldest();
            }

            while (!budget.TryTake(cost))
            {
                if (_heard.Count == 0)
                {
                    _missed++;
                    return;
                }

                DropOldest();
            }

            _heard.Enqueue(publication);
        }
    }

    private void DropOldest()
    {
        _missed++;
        budget.Return(CostOf(_heard.Dequeue()));
    }

    private static int CostOf(Publication publication) => publication.Data.Length + Overhead;
}

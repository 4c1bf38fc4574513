using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.SharedPolls;

// The values of the keys: which are asked for, and what answers and direct publishes bring.
internal sealed partial class PolledChannel
{
    /// <summary>The keys of the next cycle, in batches of one question each. None: nobody tracks any key, or all values have just come.</summary>
    public IReadOnlyList<string[]> BeginCycle()
    {
        var names = new List<string>();
        lock (_gate)
        {
            foreach (var (name, key) in _keys)
            {
                if (!key.IsFresh || key.IsMissed)
                {
                    names.Add(name);
                }

                key.IsFresh = false;
            }
        }

        names.Sort(StringComparer.Ordinal);
        return [.. names.Chunk(Options.RefreshBatchSize)];
    }

    /// <summary>A question about some keys; those that nobody tracks any more are left out.</summary>
    public List<AskedKey> QuestionAbout(IEnumerable<string> names)
    {
        var asked = new List<AskedKey>();
        lock (_gate)
        {
            foreach (var name in names)
            {
                if (_keys.TryGetValue(name, out var key))
                {
                    asked.Add(new(name, Options.IsVersioned ? key.KnownVersion : 0));
                }
            }
        }

        return asked;
    }

    /// <summary>Takes an answer: compares its values with those before, and delivers what is new. Keys that nobody tracks are ignored.</summary>
    public void OnAnswer(PollAnswer answer, PollTrigger trigger)
    {
        TakeEpoch(answer.Epoch);
        var changes = new List<(PolledKey Key, KeyPush Push)>(answer.Values.Count);
        lock (_gate)
        {
            foreach (var value in answer.Values)
            {
                if (_keys.TryGetValue(value.Key, out var key))
                {
                    _home.Counts.Add(trigger, Take(key, value, out var push));
                    if (push is not null)
                    {
                        changes.Add((key, push));
                    }
                }
            }
        }

        foreach (var (key, push) in changes)
        {
            Deliver(key, push);
        }
    }

    /// <summary>Takes a value that the server API has published.</summary>
    /// <param name="value">With a version. Its data stays as it is.</param>
    public void OnPublished(in PolledValue value, string epoch)
    {
        TakeEpoch(epoch);
        PolledKey? key;
        KeyPush? push = null;
        lock (_gate)
        {
            if (!_keys.TryGetValue(value.Key, out key))
            {
                return;
            }

            // A repetition of what is known brings nothing new to a key.
            if (value.Version > key.Version && key.Take(value, out push) is KeyChange.Changed)
            {
                key.IsFresh = true;
            }
        }

        _home.Counts.Published(isApplied: push is not null);
        if (push is not null)
        {
            Deliver(key, push);
        }
    }

    private KeyChange Take(PolledKey key, in PolledValue value, out KeyPush? push)
    {
        if (value.IsRemoved)
        {
            push = KeyPush.Removal(Name, key.Name);
            key.IsGone = true;
            _keys.Remove(key.Name);
            return KeyChange.Removed;
        }

        return Options.IsVersioned || value.Version > 0 ? key.Take(value, out push) : key.Take(value, ref _counter, out push);
    }

    private void Deliver(PolledKey key, KeyPush push)
    {
        push.Compression = _home.Compression;
        _home.CountDeliveries(Name, push.DataBytes, key.Trackers.FanOut(push));
        if (push.IsRemoval)
        {
            // Nobody joins or leaves its table any more: reactors find all of them there, however late they look.
            foreach (var tracked in key.Trackers.Snapshot().OfType<TrackedKey>())
            {
                tracked.Owner.Forget(tracked);
            }
        }
    }

    // Versions of another epoch do not compare with those that clients have: each of them has to begin again.
    private void TakeEpoch(string epoch)
    {
        if (TryTakeEpoch(epoch, out var outdated))
        {
            outdated.ForEach(subscription => subscription.Subscriber.EndSubscription(subscription, UnsubscribeCode.InsufficientState));
        }
    }

    private bool TryTakeEpoch(string epoch, [NotNullWhen(true)] out List<SharedPollSubscription>? outdated)
    {
        outdated = null;
        lock (_gate)
        {
            if (!Options.IsVersioned || epoch == _epoch)
            {
                return false;
            }

            _epoch = epoch;
            foreach (var key in _keys.Values)
            {
                key.Reset();
            }

            outdated = [.. _subscribers.Where(subscriber => subscriber.Value != epoch).Select(subscriber => subscriber.Key)];
            return true;
        }
    }
}

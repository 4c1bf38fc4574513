using System.Diagnostics;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A message, and who has it.</summary>
/// <param name="Key">Empty: none.</param>
internal sealed record LeasedMessage(string Id, string Key, string Payload, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Changes with each time that it is given out; null: nobody has it.</summary>
    public string? Receipt { get; set; }

    /// <summary>Of the stopwatch: it is given out again then.</summary>
    public long LeasedUntil { get; set; }
}

/// <summary>Messages that are given out for a time, and again after it, as the queues of clouds do: of a key in their order, and none before those of the key that others have.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class LeasedQueue
{
    private readonly object _gate = new();
    private readonly List<LeasedMessage> _messages = [];
    private int _published;

    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _messages.Count;
            }
        }
    }

    public int Extended { get; private set; }

    public void Publish(string key, string payload, (string Name, string Value)[] headers)
    {
        lock (_gate)
        {
            _messages.Add(new($"message-{_published++}", key, payload, headers.ToDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal)));
        }
    }

    /// <summary>The key of the first message whose key is not among <paramref name="taken"/>; null when every message has one of these.</summary>
    public string? KeyExcept(IReadOnlyCollection<string> taken)
    {
        lock (_gate)
        {
            return _messages.Find(message => !taken.Contains(message.Key))?.Key;
        }
    }

    public bool IsOut(string receipt)
    {
        lock (_gate)
        {
            return _messages.Exists(message => message.Receipt == receipt);
        }
    }

    /// <summary>Gives out messages.</summary>
    /// <param name="isMine">Whether the asker has a receipt: it may get more of that key.</param>
    /// <param name="key">Only messages with it; null: of all.</param>
    public IReadOnlyList<LeasedMessage> Take(int most, TimeSpan lease, Predicate<string> isMine, string? key = null)
    {
        lock (_gate)
        {
            Expire();
            var (taken, closed) = (new List<LeasedMessage>(), new HashSet<string>(StringComparer.Ordinal));
            foreach (var message in _messages.Where(one => key is null || one.Key == key).TakeWhile(_ => taken.Count < most))
            {
                if (message.Receipt is { } receipt)
                {
                    _ = message.Key.Length > 0 && !isMine(receipt) && closed.Add(message.Key);
                }
                else if (!closed.Contains(message.Key))
                {
                    (message.Receipt, message.LeasedUntil) = (Guid.NewGuid().ToString("D"), After(lease));
                    taken.Add(message);
                }
            }

            return [.. taken];
        }
    }

    /// <returns>False: nobody has it by this receipt.</returns>
    public bool Settle(string receipt)
    {
        lock (_gate)
        {
            Expire();
            return _messages.RemoveAll(message => message.Receipt == receipt) > 0;
        }
    }

    /// <summary>Gives it to its owner for longer; for no time: back.</summary>
    /// <inheritdoc cref="Settle"/>
    public bool Extend(string receipt, TimeSpan lease)
    {
        lock (_gate)
        {
            Expire();
            if (_messages.Find(message => message.Receipt == receipt) is not { } found)
            {
                return false;
            }

            Extended += lease > TimeSpan.Zero ? 1 : 0;
            found.LeasedUntil = After(lease);
            return true;
        }
    }

    private static long After(TimeSpan time) => Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);

    // Those behind it of the same key come again, too: in their order.
    private void Expire()
    {
        var now = Stopwatch.GetTimestamp();
        var closed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var message in _messages.Where(message => message.Receipt is not null))
        {
            if (message.LeasedUntil <= now || closed.Contains(message.Key))
            {
                message.Receipt = null;
                _ = message.Key.Length > 0 && closed.Add(message.Key);
            }
        }
    }
}

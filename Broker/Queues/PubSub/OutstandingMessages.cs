namespace ClawEvents.Broker.Queues.PubSub;

/// <summary>Counts what is in memory. The server has the same limits, but not every one keeps them.</summary>
/// <remarks>Thread-safe; one task adds.</remarks>
internal sealed class OutstandingMessages(int mostMessages, int mostBytes)
{
    private readonly object _gate = new();
    private int _messages;
    private long _bytes;
    private TaskCompletionSource? _room;

    /// <summary>Waits for room. A message above the limit of bytes has it when there is no other.</summary>
    public async ValueTask AddAsync(int bytes, CancellationToken cancellation)
    {
        while (TryAdd(bytes) is { } room)
        {
            await room.WaitAsync(cancellation);
        }
    }

    public void Remove(int bytes)
    {
        lock (_gate)
        {
            _messages--;
            _bytes -= bytes;
            _room?.TrySetResult();
            _room = null;
        }
    }

    // Null: it was added.
    private Task? TryAdd(int bytes)
    {
        lock (_gate)
        {
            if (_messages == 0 || (_messages < mostMessages && _bytes + bytes <= mostBytes))
            {
                _messages++;
                _bytes += bytes;
                return null;
            }

            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }
}

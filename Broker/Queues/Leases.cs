using System.Collections.Concurrent;

namespace ClawEvents.Broker.Queues;

/// <summary>What this node has received and not settled. Its server would give it to another node after a while, unless it is asked for more time.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Leases<T>(TimeProvider time)
    where T : notnull
{
    private readonly ConcurrentDictionary<T, byte> _held = new();

    public ICollection<T> Held => _held.Keys;

    public void Hold(T one) => _held[one] = 0;

    public void Release(T one) => _held.TryRemove(one, out _);

    /// <summary>Asks for more time again and again, until it is cancelled or the server refuses.</summary>
    /// <param name="extend">Gets all that is held, which is something.</param>
    public async Task KeepAsync(TimeSpan interval, Func<ICollection<T>, Task> extend, CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(interval, time, cancellation);
            if (Held is { Count: > 0 } held)
            {
                await extend(held);
            }
        }
    }
}

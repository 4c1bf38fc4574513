using System.Diagnostics;

namespace ClawEvents.Broker.Transport;

/// <summary>Work that a reactor gathers first, so that many items cost one system call.</summary>
internal interface IReactorBatch
{
    /// <summary>Adds an item, in the order of the posts.</summary>
    /// <returns>The number of items since the last flush.</returns>
    int Add(object item);

    /// <summary>Carries out what was added. Runs before any other work that was posted later.</summary>
    void Flush();
}

/// <summary>One entry of a mailbox: work, or an item of a batch.</summary>
/// <param name="Work">Runs on the reactor's thread. An exception is logged and counted, and goes no further. Null for an item.</param>
/// <param name="Batch">Gets the item.</param>
/// <param name="Item">Null for work.</param>
internal readonly record struct Post(Action? Work, IReactorBatch? Batch = null, object? Item = null);

/// <summary>What other threads hand to a reactor, in one order.</summary>
/// <remarks>
/// DESIGN. Two lists: one is filled, one is emptied; taking swaps them under the gate, which is held for an addition or the swap and for nothing else. A post
/// wakes the reactor by a system call only when it sleeps, so under load posts cost a few nanoseconds each.
/// Thread-safe; <see cref="Take"/>, <see cref="TrySleep"/> and <see cref="Awake"/> are the reactor's own.
/// </remarks>
internal sealed class Mailbox(Action wake)
{
    private const int FirstCapacity = 256;

    // Lists that once were longer are not kept.
    private const int KeptCapacity = 16 * 1024;

    // More than can come together from those that wait for their answers; a reactor needs some milliseconds for them.
    private const int MaxComfortable = 1024;

    private readonly Lock _gate = new();
    private List<Post> _filled = new(FirstCapacity);
    private List<Post> _taken = new(FirstCapacity);
    private TaskCompletionSource? _room;
    private int _isAsleep;

    // When the first of the posts came that wait. Under the gate.
    private long _firstAt;

    /// <summary>Posts that wait; of a moment ago.</summary>
    public int Count => _filled.Count;

    public void Add(in Post post)
    {
        lock (_gate)
        {
            if (_filled.Count == 0)
            {
                _firstAt = Stopwatch.GetTimestamp();
            }

            _filled.Add(post);
        }

        // The gate is a full fence, so either this sees that the reactor sleeps, or the reactor sees the post.
        if (Volatile.Read(ref _isAsleep) == 1 && Interlocked.Exchange(ref _isAsleep, 0) == 1)
        {
            wake();
        }
    }

    /// <summary>Takes all posts. The list is valid until the next call.</summary>
    /// <param name="firstAt">When the first of them came, a timestamp of <see cref="Stopwatch"/>; without any it means nothing.</param>
    public List<Post> Take(out long firstAt)
    {
        _taken.Clear();
        if (_taken.Capacity > KeptCapacity)
        {
            _taken = new(FirstCapacity);
        }

        lock (_gate)
        {
            (_filled, _taken) = (_taken, _filled);
            firstAt = _firstAt;
            _room?.TrySetResult();
            _room = null;
        }

        return _taken;
    }

    /// <summary>Waits until the reactor has taken what is there, if that is much. Those who publish call it first: posts themselves never wait.</summary>
    /// <returns>Complete when there is room. Never fails.</returns>
    public Task WhenRoom()
    {
        if (_filled.Count < MaxComfortable)
        {
            return Task.CompletedTask;
        }

        lock (_gate)
        {
            return _filled.Count < MaxComfortable ? Task.CompletedTask : (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Announces that the reactor is about to wait.</summary>
    /// <returns>False when there are posts: it must not wait.</returns>
    public bool TrySleep()
    {
        Interlocked.Exchange(ref _isAsleep, 1);
        lock (_gate)
        {
            if (_filled.Count == 0)
            {
                return true;
            }
        }

        Awake();
        return false;
    }

    public void Awake() => Volatile.Write(ref _isAsleep, 0);
}

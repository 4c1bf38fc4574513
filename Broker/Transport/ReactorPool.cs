using System.Runtime.CompilerServices;

namespace ClawEvents.Broker.Transport;

/// <summary>The reactors of this process; they start with the first listener. Thread-safe.</summary>
internal sealed class ReactorPool(ReactorSettings settings) : IDisposable
{
    private readonly Lock _gate = new();
    private Reactor[] _reactors = [];

    /// <summary>Those that run.</summary>
    public IReadOnlyList<Reactor> Running => Volatile.Read(ref _reactors);

    /// <summary>See <see cref="Reactor.Faults"/>.</summary>
    public long Faults => Running.Sum(reactor => reactor.Faults);

    public ReactorSettings Settings { get; } = settings;

    /// <summary>All of them, running.</summary>
    public Reactor[] Start()
    {
        lock (_gate)
        {
            if (_reactors.Length == 0)
            {
                var reactors = Enumerable.Range(0, Settings.Count).Select(index => new Reactor(index, Settings)).ToArray();
                Array.ForEach(reactors, reactor => reactor.Start());
                Volatile.Write(ref _reactors, reactors);
            }

            return _reactors;
        }
    }

    /// <summary>The reactor that works for something which has none of its own: always the same one.</summary>
    /// <returns>Null while none runs.</returns>
    public Reactor? For(object thing)
    {
        var reactors = Volatile.Read(ref _reactors);
        return reactors.Length == 0 ? null : reactors[(uint)RuntimeHelpers.GetHashCode(thing) % (uint)reactors.Length];
    }

    /// <summary>Has every reactor take a turn, after what was posted before.</summary>
    /// <returns>Complete when the last one has; immediately while none runs. It never is for a reactor that has stopped.</returns>
    public Task TurnAsync() => Task.WhenAll(Volatile.Read(ref _reactors).Select(TurnAsync));

    /// <summary>Waits while a reactor has much to do that was posted to it; publishers call it before they add more.</summary>
    public ValueTask WhenRoom()
    {
        foreach (var reactor in Volatile.Read(ref _reactors))
        {
            if (reactor.WhenRoom() is { IsCompleted: false } waiting)
            {
                return new(waiting);
            }
        }

        return ValueTask.CompletedTask;
    }

    private static Task TurnAsync(Reactor reactor)
    {
        var turned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        reactor.Post(turned.SetResult);
        return turned.Task;
    }

    public void Dispose()
    {
        foreach (var reactor in Volatile.Read(ref _reactors))
        {
            reactor.Stop();
        }
    }
}

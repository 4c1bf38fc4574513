using System.Runtime.CompilerServices;

namespace ClawEvents.Broker.Transport;

/// <summary>Waits until a reactor has served those that ask for less. What follows the await is the turn, on the reactor's thread.</summary>
internal readonly struct SlowTurn(Reactor reactor) : ICriticalNotifyCompletion
{
    public bool IsCompleted => false;

    public SlowTurn GetAwaiter() => this;

    public void GetResult()
    {
        // Nothing to return and nothing that can fail.
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => reactor.DoSlowly(Continuation.Instance, continuation);

    private sealed class Continuation : IReactorWork
    {
        public static readonly Continuation Instance = new();

        public void Run(Reactor reactor, object? argument) => ((Action)argument!)();
    }
}

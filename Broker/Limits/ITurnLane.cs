using System.Runtime.CompilerServices;

namespace ClawEvents.Broker.Limits;

/// <summary>Where those that ask for more than their share wait for their turns.</summary>
internal interface ITurnLane
{
    /// <summary>Adds a turn; thread-safe. It runs after those that were added before, and never throws: it is a continuation of an async method.</summary>
    void Enqueue(Action turn);
}

internal static class TurnLanes
{
    /// <summary>Waits for the next turn. What follows the await is the turn; it ends where the method waits again.</summary>
    public static Turn NextTurn(this ITurnLane lane) => new(lane);
}

/// <summary>The awaitable of <see cref="TurnLanes.NextTurn"/>: always suspends.</summary>
internal readonly struct Turn(ITurnLane lane) : ICriticalNotifyCompletion
{
    public bool IsCompleted => false;

    public Turn GetAwaiter() => this;

    public void GetResult()
    {
        // Nothing to return and nothing that can fail.
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => lane.Enqueue(continuation);
}

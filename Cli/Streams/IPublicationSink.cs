using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

/// <summary>The destination of publications: standard output, or child processes. Writing never waits; publications that cannot
/// leave immediately are queued, up to a limit.</summary>
/// <remarks>One task writes and flushes; <see cref="Broken"/> may end at any time.</remarks>
internal interface IPublicationSink
{
    /// <summary>Called when the server has accepted a subscription, before its publications.</summary>
    /// <param name="subscription">Its position is where it begins.</param>
    void Begin(Subscription subscription);

    /// <summary>Accepts one publication; its spans are invalid after the call.</summary>
    /// <param name="subscription">The one that it belongs to; its position is that of the publication.</param>
    void Write(Subscription subscription, in Publication publication);

    /// <summary>Called for messages that are lost, before the publications that follow them.</summary>
    void WriteGap(Gap gap);

    /// <summary>Called when nothing more has arrived yet: collected publications must leave now.</summary>
    void Flush();

    /// <summary>Whether the queue has reached its limit: write no more until <see cref="WaitForRoomAsync"/> completes.</summary>
    bool IsFull { get; }

    /// <summary>Says how far the destination lags behind, as the beginning of a sentence.</summary>
    string Lag { get; }

    /// <summary>Waits until the queue is down to half of its limit, or until the sink is broken.</summary>
    Task WaitForRoomAsync(CancellationToken stop);

    /// <summary>Completes when the sink can accept nothing more; does not fault.</summary>
    Task Broken { get; }

    /// <summary>Delivers the queue. Called once, after the last write.</summary>
    /// <param name="giveUp">Ends the wait; the rest of the queue is dropped.</param>
    /// <returns>The outcome, if it decides how the program ends; otherwise null.</returns>
    Task<Outcome?> EndAsync(CancellationToken giveUp);
}

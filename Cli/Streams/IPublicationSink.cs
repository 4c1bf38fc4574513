using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

/// <summary>Where publications go: standard output, or child processes. Taking never waits; what cannot leave at once is kept up
/// to a limit.</summary>
/// <remarks>One task writes and flushes; <see cref="Broken"/> may end at any time.</remarks>
internal interface IPublicationSink
{
    /// <summary>Takes one publication; its spans are gone after the call.</summary>
    void Write(in Publication publication);

    /// <summary>Called when nothing more has arrived yet: what was collected must leave now.</summary>
    void Flush();

    /// <summary>More is kept than the limit: write no more until <see cref="WaitForRoomAsync"/> ends.</summary>
    bool IsFull { get; }

    /// <summary>What is behind, and how far, as the beginning of a sentence.</summary>
    string Lag { get; }

    /// <summary>Waits until what is kept is half of the limit, or until the sink is broken.</summary>
    Task WaitForRoomAsync(CancellationToken stop);

    /// <summary>Ends when the sink can take nothing any more; does not throw.</summary>
    Task Broken { get; }

    /// <summary>Hands on what is kept. For one call, after the last write.</summary>
    /// <param name="giveUp">Ends the waiting; what is still kept is dropped.</param>
    /// <returns>How it went, if that decides how the program ends; otherwise null.</returns>
    Task<Outcome?> EndAsync(CancellationToken giveUp);
}

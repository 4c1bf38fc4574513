namespace ClawEvents.Broker.Transport;

/// <summary>Times the passes of reactors.</summary>
internal interface IReactorWatch
{
    /// <summary>A reactor has emptied its mailbox, and has done what was in it. On the reactor's thread; the times are timestamps of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    /// <param name="reactor">Its index.</param>
    /// <param name="posted">When the first post came.</param>
    /// <param name="taken">When the reactor took all of them.</param>
    /// <param name="done">When the last batch was in the system's hands, or in a queue; <paramref name="taken"/>: there was none.</param>
    void OnPass(int reactor, long posted, long taken, long done);
}

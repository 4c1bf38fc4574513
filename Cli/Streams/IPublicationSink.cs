namespace ClawEvents.Cli.Streams;

/// <summary>Where publications go: standard output, or a child process.</summary>
internal interface IPublicationSink
{
    /// <summary>Takes one publication; its spans are gone after the call.</summary>
    void Write(in ServerMessage publication);

    /// <summary>Called when nothing more has arrived yet: what was collected must leave now.</summary>
    void Flush();
}

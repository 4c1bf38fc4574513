namespace ClawEvents.Broker.Transport;

/// <summary>The end of a process of which one reactor has failed.</summary>
internal static class DeadReactor
{
    /// <summary>EX_SOFTWARE of sysexits.</summary>
    public const int ExitCode = 70;

    /// <summary>Says why and ends the process: its connections on that reactor would stay open, and nobody would serve them.</summary>
    public static void EndProcess(int reactor, Exception exception)
    {
        Console.Error.WriteLine($"clawevents-broker: reactor {reactor} has failed, so the broker stops, to be started again: {exception}");
        Environment.Exit(ExitCode);
    }
}

namespace ClawEvents.Broker.Faults;

/// <summary>The error output of the program, before and beside the log.</summary>
internal static class ErrorOutput
{
    /// <summary>Writes lines, each behind the program's name.</summary>
    public static void Write(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Console.Error.WriteLine($"clawevents-broker: {line}");
        }
    }
}

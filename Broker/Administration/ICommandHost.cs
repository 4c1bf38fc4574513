namespace ClawEvents.Broker.Administration;

/// <summary>The services of the program that its commands use.</summary>
internal interface ICommandHost
{
    /// <summary>Reads the settings that the broker would run with.</summary>
    /// <param name="arguments">In the form of the broker's arguments.</param>
    CommandSettings ReadSettings(IReadOnlyList<string> arguments);

    /// <summary>Lines that name the settings by topic, for the help.</summary>
    IEnumerable<string> DescribeSettings();

    /// <summary>Checks the health of the local broker.</summary>
    /// <param name="arguments">The arguments of that broker, if they set its address.</param>
    /// <returns>The exit code: 0 if it answers that it is healthy.</returns>
    Task<int> CheckHealthAsync(IReadOnlyList<string> arguments);

    /// <summary>Examines the machine, the settings and what is around the broker, and prints what it finds.</summary>
    /// <returns>The exit code.</returns>
    Task<int> ExamineAsync(CommandArguments arguments);
}

namespace ClawEvents.Broker.Administration;

/// <summary>What the commands ask of the program that they are a part of.</summary>
internal interface ICommandHost
{
    /// <summary>Reads the settings that the broker would run with.</summary>
    /// <param name="arguments">As the broker takes them.</param>
    CommandSettings ReadSettings(IReadOnlyList<string> arguments);

    /// <summary>Asks a broker that runs on this machine for its health.</summary>
    /// <param name="arguments">Those the broker was started with, when they say where it listens.</param>
    /// <returns>The exit code: 0 when it answers that it is well.</returns>
    Task<int> CheckHealthAsync(IReadOnlyList<string> arguments);
}

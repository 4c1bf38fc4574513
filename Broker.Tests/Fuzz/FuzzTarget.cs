using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Fuzz;

/// <summary>A part of the broker that reads what strangers, operators or servers send.</summary>
/// <param name="Name">As on the command line, and of the folder of its corpus.</param>
/// <param name="Run">Handles one input. Any exception is a finding.</param>
/// <param name="Words">Pieces of its language, which chance would rarely make.</param>
internal sealed record FuzzTarget(string Name, Action<byte[]> Run, params string[] Words)
{
    /// <summary>The corpora in the repository; a folder for each target.</summary>
    public static string Corpora => Path.Combine(RunningProcess.SolutionFolder, "Broker.Tests", "Fuzz", "Corpora");
}

namespace ClawEvents.Broker.Tests.Support;

/// <summary>A home folder of its own for one test, gone after it.</summary>
internal sealed class CliHome : IDisposable
{
    public CliHome() => Folder = Directory.CreateTempSubdirectory("claw-home-").FullName;

    public string Folder { get; }

    public string ConfigFile => Path.Combine(Folder, ".config", ".claw.events", "config.json");

    public void WriteConfig(string json)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(ConfigFile)!);
        File.WriteAllText(ConfigFile, json);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

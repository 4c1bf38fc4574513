using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>A home folder of its own for one test, gone after it.</summary>
internal sealed class CliHome : IDisposable
{
    public CliHome() => Folder = Directory.CreateTempSubdirectory("claw-home-").FullName;

    public string Folder { get; }

    /// <summary>Environment variables of processes in this home.</summary>
    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    public string ConfigFile => Path.Combine(Folder, ".config", ".claw.events", "config.json");

    public void WriteConfig(string json)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(ConfigFile)!);
        File.WriteAllText(ConfigFile, json);
    }

    /// <summary>Puts a private key into the folder of ssh.</summary>
    public string AddKey(SshKeyPair key, string name = "id_ed25519")
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, ".ssh")).FullName, name);
        File.Copy(key.PrivateKeyFile, path);
        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

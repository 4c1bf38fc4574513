namespace ClawEvents.Broker.Files;

/// <summary>Files with secrets in them.</summary>
internal static class SecretFile
{
    // A group may read: that is how secrets are mounted into containers.
    private const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Whether other users than its owner and its group may read it, or others than its owner may change it. False also when there is no file.</summary>
    public static bool IsOpenToOthers(string path) => !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & Others) != 0;
}

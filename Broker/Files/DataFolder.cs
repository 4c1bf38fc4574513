namespace ClawEvents.Broker.Files;

/// <summary>The folder of <c>CLAW_DATA_DIR</c>. Only its owner can read it and the files in it.</summary>
internal static class DataFolder
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the folder if it is missing; an existing one keeps its mode.</summary>
    /// <exception cref="IOException">A file is in its place, or the disk fails.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder above belongs to somebody else.</exception>
    public static void Make(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnersFolder);
        }
    }

    /// <summary>Options for opening a file of the folder; a new file gets a mode for its owner only.</summary>
    public static FileStreamOptions FileOptions(FileMode mode, FileShare share = FileShare.Read)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnersFile;
        }

        return options;
    }
}

namespace ClawEvents.Cli.Config;

/// <summary>Files that only their owner can read, and that are replaced as a whole: a reader finds the old content or the new one, also
/// after a power cut.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Replaces the content, and creates the file and its folder if they are missing.</summary>
    /// <exception cref="IOException">The disk or the folder does not let it; the file is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var target = PrepareTarget(path);
        using var stream = CreateBeside(target);
        try
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
            stream.Dispose();
            File.Move(stream.Name, target, overwrite: true);
        }
        catch
        {
            File.Delete(stream.Name);
            throw;
        }
    }

    /// <summary>Does what <see cref="Replace"/> may fail at, without changing the file.</summary>
    /// <inheritdoc cref="Replace"/>
    public static void Try(string path) => CreateBeside(PrepareTarget(path), FileOptions.DeleteOnClose).Dispose();

    /// <summary>Opens a file for one process at a time, and creates it and its folder if they are missing.</summary>
    /// <param name="mode">How it is opened, such as <see cref="FileMode.Append"/>.</param>
    /// <exception cref="IOException">Another process has opened it so, or the disk or the folder does not let it.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder does not let it.</exception>
    public static FileStream OpenAlone(string path, FileMode mode)
    {
        CreateFolder(Path.GetDirectoryName(path)!);
        return new FileStream(path, Options(mode, FileOptions.None));
    }

    private static string PrepareTarget(string path)
    {
        CreateFolder(Path.GetDirectoryName(path)!);

        // If the file is a link (dotfiles kept elsewhere), the target is replaced, so that the link stays.
        return File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } linked ? linked.FullName : path;
    }

    // In the same folder, because a rename is atomic only within one file system.
    private static FileStream CreateBeside(string target, FileOptions options = FileOptions.None) => new(
        Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Environment.ProcessId}.{Guid.NewGuid():N}"),
        Options(FileMode.CreateNew, options));

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, Mode | UnixFileMode.UserExecute);
        }
    }

    private static FileStreamOptions Options(FileMode mode, FileOptions fileOptions)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None, Options = fileOptions };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Mode;
        }
        return options;
    }
}

namespace ClawEvents.Cli.Streams.Children;

/// <summary>Finds a program as a shell does: by its path, or in the folders of <c>PATH</c>.</summary>
/// <remarks>The runtime looks beside this program's own file and in the current folder first: <c>-- jq</c> would run any
/// file of that name there.</remarks>
internal static class ChildProgram
{
    /// <summary>The full path of the program; null if there is none.</summary>
    /// <param name="name">A path if it has a slash in it, otherwise a name.</param>
    /// <param name="path">Value of <c>PATH</c>.</param>
    public static string? Find(string name, string? path)
    {
        if (OperatingSystem.IsWindows())
        {
            return name;
        }
        if (name.Contains('/'))
        {
            // The system decides whether it can be run.
            return Path.GetFullPath(name);
        }
        return name.Length == 0
            ? null
            : (path ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Select(folder => Path.Combine(Path.GetFullPath(folder), name))
                .FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string file)
    {
        const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return !OperatingSystem.IsWindows() && File.Exists(file) && (File.GetUnixFileMode(file) & AnyExecute) != 0;
    }
}

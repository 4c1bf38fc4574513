using System.Globalization;
using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Doctor;

/// <summary>What Linux says about this machine and one of its processes, in files. On another system it says nothing.</summary>
/// <param name="Root">The folder of these files; tests have another one.</param>
/// <param name="Process">Its number, or <c>self</c>.</param>
internal sealed record Machine(string Root = "/", string Process = "self")
{
    // Fields of a line of mountinfo (proc(5)), and of its part behind the hyphen.
    private const int MountPointField = 4;
    private const int TypeField = 0;

    /// <summary>Whether the process exists.</summary>
    public bool HasProcess => Process == "self" || Directory.Exists(PathOf($"proc/{Process}"));

    /// <returns>False when the process cannot be read: it belongs to somebody else, or this is not Linux.</returns>
    /// <param name="most">Its limit of open files; null for none.</param>
    public bool TryReadOpenFiles(out int? most)
    {
        var lines = Lines($"proc/{Process}/limits");
        most = DescriptorLimit.Parse(lines);
        return lines.Length > 0;
    }

    /// <summary>A number of <c>sysctl</c>, such as <c>net.core.somaxconn</c>; null if there is none.</summary>
    public long? Kernel(string name) => Number(Text($"proc/sys/{name.Replace('.', '/')}"));

    /// <summary>Bytes that the process may use: the least limit of its control groups and of the machine; null if unknown.</summary>
    public long? ReadMemory() =>
        GroupLimits().Append(Number(Lines("proc/meminfo").FirstOrDefault(line => line.StartsWith("MemTotal:", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024).Min();

    /// <summary>The type of the file system that holds a path, such as <c>ext4</c>; null if unknown.</summary>
    /// <param name="path">Absolute; need not exist.</param>
    public string? FileSystemOf(string path) =>
        Lines("proc/self/mountinfo")
            .Select(line => line.Split(" - "))
            .Where(parts => parts.Length == 2)
            .Select(parts => (Mount: Unescape(parts[0].Split(' ')[MountPointField]), Type: parts[1].Split(' ')[TypeField]))
            .Where(mount => IsIn(path, mount.Mount))
            .Select((mount, index) => (mount.Mount, mount.Type, index))
            .OrderBy(mount => (mount.Mount.Length, mount.index))
            .LastOrDefault().Type;

    private static bool IsIn(string path, string folder) =>
        path == folder || path.StartsWith(folder.EndsWith('/') ? folder : $"{folder}/", StringComparison.Ordinal);

    // A blank is \040.
    private static string Unescape(string text) => text.Replace(@"\040", " ", StringComparison.Ordinal);

    // Version 2 has one line "0::/path"; version 1 one for each controller, "4:memory:/path". A group is bound by those above it.
    private IEnumerable<long?> GroupLimits() =>
        from line in Lines($"proc/{Process}/cgroup")
        let fields = line.Split(':', 3)
        where fields.Length == 3 && (fields[1].Length == 0 || fields[1].Split(',').Contains("memory"))
        let file = fields[1].Length == 0 ? ("sys/fs/cgroup", "memory.max") : ("sys/fs/cgroup/memory", "memory.limit_in_bytes")
        from folder in Upwards(fields[2])
        select Number(Text($"{file.Item1}/{folder}/{file.Item2}"));

    private static IEnumerable<string> Upwards(string group)
    {
        for (var folder = group.Trim('/'); folder.Length > 0; folder = folder[..Math.Max(0, folder.LastIndexOf('/'))])
        {
            yield return folder;
        }

        yield return "";
    }

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private string? Text(string path) => Lines(path) is [var line, ..] ? line.Trim() : null;

    private string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(PathOf(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not there, or not to be read by this user: each check says what it could not find.
            return [];
        }
    }

    private string PathOf(string path) => Path.Combine(Root, path);
}

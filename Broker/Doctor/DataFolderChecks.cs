using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Doctor;

/// <summary>Looks at the data folder without touching it: who may read it, its disk, its file system.</summary>
/// <param name="find">Free bytes of the disk that holds a folder; null: the system is asked.</param>
internal sealed class DataFolderChecks(Machine machine, BrokerOptions options, Func<string, long>? find = null)
{
    private const long MiB = 1024 * 1024;
    private const long LittleSpace = 64 * MiB;
    private const long EnoughSpace = 1024 * MiB;
    private const UnixFileMode OthersRead = UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private static readonly string[] OfNetworks = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "ncpfs", "gpfs", "beegfs"];

    private string Folder => Path.GetFullPath(options.State.DataFolder);

    public IEnumerable<Finding> Run()
    {
        if (options.State.Redis.Count > 0)
        {
            return [Finding.Ok("data-folder", "not used: Redis has the state")];
        }

        return File.Exists(Folder)
            ? [Finding.Fault("data-folder", $"{Folder} is a file", "name a folder in CLAW_DATA_DIR")]
            : [Modes(), Space(), FileSystem()];
    }

    private Finding Modes()
    {
        const string check = "data-folder";
        if (!Directory.Exists(Folder))
        {
            return Finding.Ok(check, $"{Folder} does not exist yet; the broker makes it for its user only");
        }

        if (OperatingSystem.IsWindows())
        {
            return Finding.Skipped(check, "modes are those of Unix");
        }

        try
        {
            return Modes(File.GetUnixFileMode(Folder), [.. Directory.EnumerateFiles(Folder).Where(IsOpenToOthers).Select(file => Path.GetFileName(file))]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Finding.Fault(check, $"{Folder} cannot be read by {Environment.UserName}", "run this as the broker's user; if it is that user, chown -R the folder to it");
        }
    }

    private static bool IsOpenToOthers(string file) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (OthersRead | OthersWrite)) != 0;

    private Finding Modes(UnixFileMode folder, string[] files)
    {
        const string check = "data-folder";
        var mode = Convert.ToString((int)folder, 8);
        var advice = $"chmod 0700 {Folder}; chmod 0600 {Folder}/*";
        return (folder & OthersWrite) != 0 ? Finding.Fault(check, $"{Folder} has the mode 0{mode}: other users can replace the secret and the state", advice)
            : files.Length > 0 ? Finding.Fault(check, $"other users may have access to {string.Join(", ", files)} in {Folder}", advice)
            : (folder & OthersRead) != 0 ? Finding.Warning(check, $"{Folder} has the mode 0{mode}: other users see its files", advice)
            : Finding.Ok(check, $"only its owner has access to {Folder}");
    }

    private Finding Space()
    {
        const string check = "disk-space";
        try
        {
            var free = find is null ? new DriveInfo(ExistingFolder()).AvailableFreeSpace : find(ExistingFolder());
            var text = $"{free / MiB} MiB free for {Folder}";
            const string advice = "free space on this disk, or move CLAW_DATA_DIR: without space, changes are refused";
            return free < LittleSpace ? Finding.Fault(check, text, advice) : free < EnoughSpace ? Finding.Warning(check, text, advice) : Finding.Ok(check, text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Finding.Skipped(check, $"the space for {Folder} cannot be read");
        }
    }

    private Finding FileSystem()
    {
        const string check = "file-system";
        return machine.FileSystemOf(Folder) switch
        {
            null => Finding.Skipped(check, $"the file system of {Folder} is unknown"),
            { } type when OfNetworks.Contains(type) => Finding.Fault(check, $"{Folder} is on a network file system ({type}), where SQLite can lose the state", "name a folder of a local disk in CLAW_DATA_DIR, or use Redis (REDIS_URL)"),
            "tmpfs" or "ramfs" => Finding.Warning(check, $"{Folder} is in memory: locks, grants, keys and the secret are lost with the next boot", "name a folder of a disk in CLAW_DATA_DIR"),
            "overlay" => Finding.Warning(check, $"{Folder} is in the layer of a container and goes away with it", "mount a volume there"),
            { } type => Finding.Ok(check, $"{Folder} is on a local file system ({type})"),
        };
    }

    private string ExistingFolder()
    {
        var folder = Folder;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } above)
        {
            folder = above;
        }

        return folder;
    }
}

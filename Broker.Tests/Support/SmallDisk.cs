using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>A file system of its own, in memory, that a test can fill up or make read-only. Root alone may mount one: for others the test is ignored.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const int FillBytes = 4_096;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-disk-");

    private SmallDisk()
    {
    }

    public string Path => _folder.FullName;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public static async Task<SmallDisk> MountAsync(string size = "2m")
    {
        var disk = new SmallDisk();
        if (await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", disk.Path))
        {
            return disk;
        }

        disk._folder.Delete();
        Assert.Ignore("Only root may mount a file system.");
        throw new InvalidOperationException();
    }

    /// <summary>Nothing may be open for writing.</summary>
    public async Task MakeReadOnlyAsync() => Assert.That(await RunAsync("mount", "-o", "remount,ro", Path), Is.True);

    /// <summary>Uses all the room that is left.</summary>
    public void Fill()
    {
        // Without a buffer, so that nothing is left to be written when it is closed.
        using var filler = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var block = new byte[FillBytes];
        Assert.That(() => WriteOn(filler, block), Throws.InstanceOf<IOException>());
    }

    /// <summary>After <see cref="Fill"/>.</summary>
    public void MakeRoom() => File.Delete(Filler);

    public async ValueTask DisposeAsync()
    {
        Assert.That(await RunAsync("umount", Path), Is.True);
        _folder.Delete();
    }

    private static void WriteOn(FileStream file, byte[] block)
    {
        while (true)
        {
            file.Write(block);
        }
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        await using var process = RunningProcess.Start(program, arguments, "/");
        return await process.WaitForExitAsync() == 0;
    }
}

namespace ClawEvents.Broker.Files;

/// <summary>A file that is kept open, so that its removal or replacement is noticed while it is in use.</summary>
/// <remarks>Thread-safe. On Linux a replaced file is noticed, too; on other systems only a missing one.</remarks>
internal sealed class KeptFile : IDisposable
{
    private readonly FileStream _file;
    private readonly string _path;
    private readonly string? _place;

    /// <param name="file">Owned from here on.</param>
    public KeptFile(FileStream file)
    {
        _file = file;
        _path = file.Name;
        _place = Place();
    }

    /// <summary>False when the file was removed, moved or replaced.</summary>
    public bool IsInPlace => File.Exists(_path) && Place() == _place;

    /// <summary>The number of bytes in it.</summary>
    public long Length => _file.Length;

    /// <summary>Replaces the content, which is on the disk afterwards.</summary>
    public void Write(ReadOnlySpan<byte> content)
    {
        _file.SetLength(0);
        _file.Position = 0;
        _file.Write(content);
        _file.Flush(flushToDisk: true);
    }

    public void Dispose() => _file.Dispose();

    // The system says where the open file is now: "/folder/state.lock (deleted)" after its removal, and null where it does not say.
    private string? Place() => new FileInfo($"/proc/self/fd/{_file.SafeFileHandle.DangerousGetHandle()}").LinkTarget;
}

namespace ClawEvents.Broker.Files;

/// <summary>The reasons why nothing can be written to a folder, by their names.</summary>
internal static class DiskFault
{
    public const string IsFull = "the disk is full";
    public const string IsReadOnly = "the file system is read-only";

    // The same number on Linux, macOS and the BSDs.
    private const int Erofs = 30;
    private const int Enospc = 28;

    /// <returns>Null for any other reason.</returns>
    public static string? Find(Exception? exception) => exception is not IOException ? null : exception.HResult switch
    {
        Erofs => IsReadOnly,
        Enospc => IsFull,
        _ => Find(exception.InnerException),
    };

    /// <summary>Tries to write a file, because a program that failed to write does not always say why.</summary>
    /// <returns>Null when that works, or fails for any other reason.</returns>
    public static string? Find(string folder)
    {
        try
        {
            using var file = new FileStream(
                Path.Combine(folder, $".{Guid.NewGuid():N}"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
            file.WriteByte(0);
            file.Flush(flushToDisk: true);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Find(exception);
        }
    }
}

namespace ClawEvents.Broker.Transport;

/// <summary>The files of Unix sockets, of which .NET does not tell that they are sockets.</summary>
internal static unsafe class SocketFile
{
    // statx(2) and inode(7): the type is part of the mode, 28 bytes into struct statx.
    private const int StatusBytes = 256;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int SocketType = 0xC000;

    /// <returns>False also for a file that is something else.</returns>
    public static bool Exists(string path)
    {
        var status = stackalloc byte[StatusBytes];
        return Native.Status(Native.CurrentFolder, path, 0, Native.StatusOfType, status) == 0
            && (BitConverter.ToUInt16(new ReadOnlySpan<byte>(status + ModeOffset, sizeof(ushort))) & TypeMask) == SocketType;
    }
}

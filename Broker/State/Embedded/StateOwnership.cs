using System.Text;
using ClawEvents.Broker.Files;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>The file <c>state.lock</c>: its lock says that a broker uses the folder, and its content that the folder has a store.</summary>
/// <remarks>The system releases the lock when the process ends, however it ends. Thread-safe.</remarks>
internal sealed class StateOwnership : IDisposable
{
    public const string FileName = "state.lock";

    private static readonly byte[] Mark = Encoding.ASCII.GetBytes("This folder has a store in state.db. While a broker runs, it holds a lock on this file.\n");

    private readonly KeptFile _file;

    private StateOwnership(KeptFile file) => _file = file;

    /// <summary>Whether a store was opened in this folder before: then its file must be there.</summary>
    public bool HadStore => _file.Length > 0;

    /// <summary>False when the file was removed or replaced: another broker may use the folder, too.</summary>
    public bool IsInPlace => _file.IsInPlace;

    /// <exception cref="IOException">Another broker uses the folder, or nothing can be written there.</exception>
    public static StateOwnership Take(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return new(new KeptFile(new FileStream(path, DataFolder.FileOptions(FileMode.OpenOrCreate, FileShare.None))));
        }
        catch (IOException exception) when (File.Exists(path) && DiskFault.Find(exception) is null)
        {
            throw new IOException("another broker uses it; give each broker its own folder.", exception);
        }
    }

    /// <summary>Notes that there is a store now.</summary>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public void Confirm()
    {
        if (!HadStore)
        {
            _file.Write(Mark);
        }
    }

    public void Dispose() => _file.Dispose();
}

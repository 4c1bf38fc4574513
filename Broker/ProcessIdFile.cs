using System.Globalization;

namespace ClawEvents.Broker;

/// <summary>A file with the id of the process, which is gone when the process has ended in order.</summary>
internal sealed class ProcessIdFile : IDisposable
{
    private readonly string _path;

    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The broker's user may not write it.</exception>
    public ProcessIdFile(string path)
    {
        _path = path;
        File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n"));
    }

    // One that somebody has removed is no fault.
    public void Dispose() => File.Delete(_path);
}

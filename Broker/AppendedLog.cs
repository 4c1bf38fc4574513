using System.Text;

namespace ClawEvents.Broker;

/// <summary>The file that takes the log in place of the standard output. It is appended to, and opened again on a reload, as programs that rotate logs want it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class AppendedLog : TextWriter
{
    private readonly string _path;
    private readonly Lock _gate = new();
    private StreamWriter _file;

    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The broker's user may not write it.</exception>
    public AppendedLog(string path) => (_path, _file) = (path, Open(path));

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Goes on in a file of the same name; in the present one when that cannot be opened.</summary>
    /// <returns>What is wrong with it; null: nothing.</returns>
    public string? Reopen()
    {
        try
        {
            var fresh = Open(_path);
            lock (_gate)
            {
                _file.Dispose();
                _file = fresh;
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (_gate)
        {
            _file.Write(buffer);
        }
    }

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private static StreamWriter Open(string path) =>
        new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };
}

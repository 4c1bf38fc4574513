using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker;

/// <summary>The files that belong to the process: its log, and the one with its id.</summary>
internal sealed class ProcessFiles : IDisposable
{
    private AppendedLog? _log;
    private ProcessIdFile? _pid;

    /// <param name="fault">The line that says what is wrong; null: nothing.</param>
    public static ProcessFiles Open(ListenerOptions options, out string? fault)
    {
        var files = new ProcessFiles();
        fault = TryOpen("LogFile", options.LogFile, "/var/log/clawevents/broker.log", path => Console.SetOut(files._log = new AppendedLog(path)))
            ?? TryOpen("PidFile", options.PidFile, "/run/clawevents/broker.pid", path => files._pid = new ProcessIdFile(path));
        return files;
    }

    /// <summary>Goes on in a new log, after somebody has moved the present one away.</summary>
    /// <returns>What is wrong; null: nothing.</returns>
    public string? ReopenLog() => _log?.Reopen();

    // The log stays open: its last lines come when everything else has ended.
    public void Dispose() => _pid?.Dispose();

    private static string? TryOpen(string name, string? path, string example, Action<string> open)
    {
        try
        {
            if (path is not null)
            {
                open(path);
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{name}: '{path}' cannot be written: {exception.Message.TrimEnd('.')}. Example: {name}={example}";
        }
    }
}

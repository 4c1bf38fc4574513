using System.Net;

namespace ClawEvents.Broker.Telemetry;

/// <summary>Writes a line for each HTTP request and each upgrade, if the setting <c>AccessLog</c> is on.</summary>
/// <remarks>It never contains the query, a header or a body, which may hold tokens and payloads. Thread-safe.</remarks>
internal sealed partial class AccessLog(bool isOn, ILogger<AccessLog> logger)
{
    private const int MaxTargetLength = 200;

    /// <param name="remote">Address of the other side, which may be a reverse proxy; null: it came over a Unix socket.</param>
    /// <param name="target">Path and query as received.</param>
    /// <param name="elapsed">From the request's head to the end of the answer; an upgrade counts as ended with its answer.</param>
    public void Write(IPAddress? remote, string method, string target, int status, TimeSpan elapsed)
    {
        if (isOn)
        {
            Log.Request(logger, remote?.ToString() ?? "unix", method, PathOf(target), status, (long)elapsed.TotalMilliseconds);
        }
    }

    // The path comes from a stranger, too: it must not look like another line, or fill the disk.
    private static string PathOf(string target)
    {
        var path = target.AsSpan(0, target.AsSpan().IndexOf('?') is var query and >= 0 ? query : target.Length);
        var shown = path[..Math.Min(path.Length, MaxTargetLength)];
        return string.Create(shown.Length, shown, static (plain, shown) =>
        {
            for (var i = 0; i < shown.Length; i++)
            {
                plain[i] = shown[i] is > ' ' and <= '~' ? shown[i] : '?';
            }
        });
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Remote} {Method} {Path} {Status} {Milliseconds} ms")]
        public static partial void Request(ILogger logger, string remote, string method, string path, int status, long milliseconds);
    }
}

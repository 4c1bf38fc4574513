using System.Net;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Telemetry;

/// <summary>Writes an event for each HTTP request and each upgrade: at Information with the setting <c>AccessLog</c>, otherwise at Debug.</summary>
/// <remarks>It never contains the query, a header or a body, which may hold tokens and payloads. Thread-safe.</remarks>
internal sealed partial class AccessLog(bool isWanted, ILogger<AccessLog> logger)
{
    private const int MaxTargetLength = 200;
    private const string None = "-";

    private volatile bool _isWanted = isWanted;

    /// <summary>The setting.</summary>
    public bool IsWanted
    {
        set => _isWanted = value;
    }

    /// <summary>Whether anything is written now.</summary>
    public bool IsOn => logger.IsEnabled(Level);

    private LogLevel Level => _isWanted ? LogLevel.Information : LogLevel.Debug;

    public void Write(in AccessEntry entry)
    {
        if (!IsOn)
        {
            return;
        }

        var remote = entry.Remote?.ToString() ?? "unix";
        var user = entry.User is null ? None : entry.User.Length == 0 ? "anonymous" : LogText.Of(entry.User);
        var path = PathOf(entry.Target);
        var milliseconds = (long)entry.Elapsed.TotalMilliseconds;
        Log.Request(logger, Level, remote, user, entry.Id ?? None, entry.Method, path, entry.Status, entry.Bytes, milliseconds);
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
        [LoggerMessage(EventId = 1, Message = "{Remote} {User} {Id} {Method} {Path} {Status} {Bytes} bytes {Milliseconds} ms")]
        public static partial void Request(
            ILogger logger, LogLevel level, string remote, string user, string id, string method, string path, int status, long bytes, long milliseconds);
    }
}

/// <summary>A request that has been answered.</summary>
/// <param name="Remote">Address of the other side, which may be a reverse proxy; null: it came over a Unix socket.</param>
/// <param name="Target">Path and query as received.</param>
/// <param name="Elapsed">From the request's head to the end of the answer; an upgrade below HTTP counts as ended with its answer.</param>
internal readonly record struct AccessEntry(IPAddress? Remote, string Method, string Target, int Status, TimeSpan Elapsed)
{
    /// <summary>Empty: anonymous. Null: the request has no user.</summary>
    public string? User { get; init; }

    /// <summary>Of the client's connection, when the request has opened one; otherwise of the request.</summary>
    public string? Id { get; init; }

    /// <summary>Of the answer's body.</summary>
    public long Bytes { get; init; }
}

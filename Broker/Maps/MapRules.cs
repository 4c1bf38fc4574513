using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Maps;

/// <summary>The rules of requests to maps. Pure.</summary>
internal static class MapRules
{
    /// <summary>The longest key, in bytes of UTF-8.</summary>
    public const int MaxKeyBytes = 1024;

    /// <summary>The error for a key that no map has; null: it is one.</summary>
    public static ErrorCode? RefuseKey(string key) => key.Length == 0
        ? ErrorCode.BadRequest.Because("a map needs a key")
        : Encoding.UTF8.GetByteCount(key) > MaxKeyBytes ? ErrorCode.BadRequest.Because($"a key is at most {MaxKeyBytes} bytes") : null;

    /// <summary>The error for a version in a map that has no stream, and so no order in which a change could be too late; null: none.</summary>
    public static ErrorCode? RefuseVersion(MapOptions options, ulong version) => version > 0 && !options.KeepsStream
        ? ErrorCode.BadRequest.Because("a version needs a map whose mode is recoverable or persistent")
        : null;

    /// <summary>The error that a request for a page of the state is answered with; null: none.</summary>
    public static ErrorCode? Refuse(MapOptions options, in MapStateFilter filter) => MapCursor.TryParse(filter.Cursor, options.IsOrdered, out _)
        ? null
        : ErrorCode.BadRequest.Because("the cursor is that of another page or map; begin again without one");

    /// <summary>The number of entries or changes of an answer.</summary>
    public static int PageOf(int limit) => limit is < 0 or > MapOptions.MostPerPage ? MapOptions.MostPerPage : limit;
}

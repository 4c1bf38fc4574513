using System.Text;

namespace ClawEvents.Broker.Connections;

/// <summary>Parses the head of an upgrade request. Pure.</summary>
/// <remarks>
/// RFC 9112, sections 3 and 5, the strict reading: lines end with CR LF, no folded lines, no space before a colon. A request that
/// brings a body, or names one of the handshake's single headers twice, is refused: an intermediary may have read it otherwise.
/// </remarks>
internal static class UpgradeRequestParser
{
    private const string VersionSuffix = " HTTP/1.1";

    /// <param name="head">From the request line up to, not including, the empty line; without its final CR LF.</param>
    /// <param name="fault">What is wrong, and what would be right, when the result is null.</param>
    public static UpgradeRequest? Parse(ReadOnlySpan<byte> head, out string fault)
    {
        if (head.ContainsAnyInRange((byte)0x80, (byte)0xFF))
        {
            fault = "the request has a byte outside ASCII";
            return null;
        }

        return Parse(Encoding.ASCII.GetString(head), out fault);
    }

    private static UpgradeRequest? Parse(string head, out string fault)
    {
        var lines = head.Split("\r\n");
        if (!lines[0].EndsWith(VersionSuffix, StringComparison.Ordinal))
        {
            fault = "the request line must end with HTTP/1.1";
            return null;
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.AsSpan(1))
        {
            if (!TryAdd(headers, line))
            {
                fault = "a header line must be NAME: VALUE, and the handshake's own headers may come once only";
                return null;
            }
        }

        return FromHeaders(headers, out fault);
    }

    private static bool TryAdd(Dictionary<string, string> headers, string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !IsToken(line.AsSpan(0, colon)) || line.AsSpan(colon).ContainsAny('\r', '\n', '\0'))
        {
            return false;
        }

        var name = line[..colon];
        var value = line[(colon + 1)..].Trim(' ', '\t');
        if (headers.TryAdd(name, value))
        {
            return true;
        }

        headers[name] = $"{headers[name]},{value}";
        return !IsSingle(name);
    }

    private static UpgradeRequest? FromHeaders(Dictionary<string, string> headers, out string fault)
    {
        fault = headers.ContainsKey("Transfer-Encoding") || headers.GetValueOrDefault("Content-Length", "0") != "0"
            ? "an upgrade request has no body"
            : !headers.ContainsKey("Host") ? "the Host header is missing"
            : "";
        return fault.Length > 0 ? null : new UpgradeRequest
        {
            Host = headers["Host"],
            Origin = headers.GetValueOrDefault("Origin"),
            WantsWebSocket = HasItem(headers.GetValueOrDefault("Connection"), "upgrade")
                && HasItem(headers.GetValueOrDefault("Upgrade"), "websocket"),
            Version = headers.GetValueOrDefault("Sec-WebSocket-Version"),
            Key = headers.GetValueOrDefault("Sec-WebSocket-Key"),
            Protocols = headers.GetValueOrDefault("Sec-WebSocket-Protocol"),
        };
    }

    private static bool IsSingle(string name) =>
        name.Equals("Host", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Origin", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Sec-WebSocket-Key", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Sec-WebSocket-Version", StringComparison.OrdinalIgnoreCase);

    // RFC 9110, section 5.6.2.
    private static bool IsToken(ReadOnlySpan<char> name)
    {
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && !"!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a comma-separated header names an item, without regard to case.</summary>
    internal static bool HasItem(string? list, string item)
    {
        foreach (var range in list.AsSpan().Split(','))
        {
            if (list.AsSpan()[range].Trim().Equals(item, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}

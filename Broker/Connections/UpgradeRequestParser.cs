using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Connections;

/// <summary>Parses the head of an upgrade request. Pure.</summary>
/// <remarks>
/// RFC 9112, sections 3 and 5, read strictly: single spaces and no control characters in the request line, lines end with CR LF, no
/// folded lines, no space before a colon, a valid <c>Host</c>. A request with
/// a body, or with one of the handshake's single headers twice, is refused: an intermediary may have read it differently.
/// </remarks>
internal static class UpgradeRequestParser
{
    private const string LineFault = "a header line must be NAME: VALUE, and the handshake's own headers may come only once";

    // RFC 9110, section 5.6.2.
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> NotInALine = SearchValues.Create("\r\n\0"u8);

    private static readonly string[] UsualValues = ["Upgrade", "websocket", "13", "keep-alive, Upgrade", ""];

    // The last valid one.
    [ThreadStatic]
    private static string? _lastHost;

    private static ReadOnlySpan<byte> Method => "GET "u8;

    private static ReadOnlySpan<byte> Version => " HTTP/1.1"u8;

    /// <param name="head">From the request line up to, not including, the empty line; without its final CR LF.</param>
    /// <param name="fault">When the result is null, what is wrong and how to fix it.</param>
    public static UpgradeRequest? Parse(ReadOnlySpan<byte> head, out string fault)
    {
        scoped var line = default(ReadOnlySpan<byte>);
        fault = head.ContainsAnyInRange((byte)0x80, (byte)0xFF) ? "the request has a byte outside ASCII"
            : !TryReadLine(ref head, out line) || !line.EndsWith(Version) ? "the request line must end with HTTP/1.1"
            : !IsTarget(line[..^Version.Length]) ? "the request line must be GET, the path and HTTP/1.1, with one space between, and no control characters"
            : "";
        return fault.Length > 0 || ParseHeaders(head, out fault) is not { } request ? null : request with { Query = QueryOf(line) };
    }

    /// <summary>Reads the headers to keep from a head that was parsed.</summary>
    /// <param name="head">As in <see cref="Parse"/>.</param>
    /// <param name="kept">The names of the headers to keep.</param>
    public static ClientHeaders KeepHeaders(ReadOnlySpan<byte> head, FrozenSet<string> kept)
    {
        if (kept.Count == 0)
        {
            return ClientHeaders.None;
        }

        var headers = new List<KeyValuePair<string, string>>();
        TryReadLine(ref head, out _);
        while (TryReadLine(ref head, out var line))
        {
            var colon = line.IndexOf((byte)':');
            headers.Add(new(Encoding.ASCII.GetString(line[..colon]), Encoding.ASCII.GetString(line[(colon + 1)..].Trim(" \t"u8))));
        }

        return ClientHeaders.Of(headers, kept);
    }

    /// <summary>Whether a comma-separated header contains an item, in any case.</summary>
    internal static bool HasItem(ReadOnlySpan<char> list, ReadOnlySpan<char> item)
    {
        foreach (var range in list.Split(','))
        {
            if (list[range].Trim().Equals(item, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    // Blanks, bare CR or LF, and NUL are refused: an intermediary could read them as the end of the path, or of the line.
    private static bool IsTarget(ReadOnlySpan<byte> start) =>
        start.StartsWith(Method) && start.Length > Method.Length && !start[Method.Length..].ContainsAnyExceptInRange((byte)0x21, (byte)0x7E);

    private static string? QueryOf(ReadOnlySpan<byte> requestLine)
    {
        var start = requestLine.IndexOf((byte)'?');
        return start < 0 ? null : Encoding.ASCII.GetString(requestLine[start..requestLine.LastIndexOf((byte)' ')]);
    }

    private static UpgradeRequest? ParseHeaders(ReadOnlySpan<byte> lines, out string fault)
    {
        var headers = default(Headers);
        while (TryReadLine(ref lines, out var line))
        {
            if (!TryReadHeader(line, ref headers))
            {
                fault = LineFault;
                return null;
            }
        }

        fault = headers.HasBody ? "an upgrade request has no body" : headers.Host is null ? "the Host header is missing"
            : !IsHost(headers.Host) ? "the Host header must be a name or address, with a port if any" : "";
        return fault.Length > 0 ? null : new UpgradeRequest
        {
            Host = headers.Host,
            Origin = headers.Origin,
            WantsWebSocket = HasItem(headers.Connection, "upgrade") && HasItem(headers.Upgrade, "websocket"),
            Version = headers.Version,
            Key = headers.Key,
            Protocols = headers.Protocols,
            Extensions = headers.Extensions,
            ForwardedFor = headers.ForwardedFor,
        };
    }

    // The rest starts with the end of the previous line, so that an empty last line counts as a line.
    private static bool TryReadLine(ref ReadOnlySpan<byte> lines, out ReadOnlySpan<byte> line)
    {
        var start = lines.StartsWith("\r\n"u8) ? 2 : 0;
        var length = lines[start..].IndexOf("\r\n"u8);
        line = length < 0 ? lines[start..] : lines.Slice(start, length);
        var isThere = !lines.IsEmpty;
        lines = lines[(start + line.Length)..];
        return isThere;
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> line, ref Headers headers)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[..colon].ContainsAnyExcept(TokenBytes) || line.ContainsAny(NotInALine))
        {
            return false;
        }

        var name = line[..colon];
        var value = line[(colon + 1)..].Trim(" \t"u8);
        return Ascii.EqualsIgnoreCase(name, "Host"u8) ? TrySetHost(ref headers.Host, value)
            : Ascii.EqualsIgnoreCase(name, "Origin"u8) ? TrySet(ref headers.Origin, value)
            : Ascii.EqualsIgnoreCase(name, "Sec-WebSocket-Key"u8) ? TrySet(ref headers.Key, value)
            : Ascii.EqualsIgnoreCase(name, "Sec-WebSocket-Version"u8) ? TrySet(ref headers.Version, value)
            : Ascii.EqualsIgnoreCase(name, "Content-Length"u8) ? TrySet(ref headers.ContentLength, value)
            : !Ascii.EqualsIgnoreCase(name, "Connection"u8) ? TryAddToList(name, value, ref headers)
            : Add(ref headers.Connection, value);
    }

    private static bool TryAddToList(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref Headers headers) =>
        Ascii.EqualsIgnoreCase(name, "Upgrade"u8) ? Add(ref headers.Upgrade, value)
        : Ascii.EqualsIgnoreCase(name, "X-Forwarded-For"u8) ? Add(ref headers.ForwardedFor, value)
        : Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8) ? Add(ref headers.TransferEncoding, value)
        : Ascii.EqualsIgnoreCase(name, "Sec-WebSocket-Extensions"u8) ? Add(ref headers.Extensions, value)
        : !Ascii.EqualsIgnoreCase(name, "Sec-WebSocket-Protocol"u8) || Add(ref headers.Protocols, value);

    private static bool TrySetHost(ref string? header, ReadOnlySpan<byte> value)
    {
        var isFirst = header is null;
        header ??= HostOf(value);
        return isFirst;
    }

    private static bool TrySet(ref string? header, ReadOnlySpan<byte> value)
    {
        if (header is not null)
        {
            return false;
        }

        header = TextOf(value);
        return true;
    }

    // A list may come in several lines (RFC 9110, section 5.3).
    private static bool Add(ref string? header, ReadOnlySpan<byte> value)
    {
        var text = TextOf(value);
        header = header is null ? text : $"{header},{text}";
        return true;
    }

    // What every client sends needs no new string; nor does the name by which this node was last called.
    private static string TextOf(ReadOnlySpan<byte> value)
    {
        foreach (var usual in UsualValues)
        {
            if (Ascii.Equals(value, usual))
            {
                return usual;
            }
        }

        return Encoding.ASCII.GetString(value);
    }

    private static string HostOf(ReadOnlySpan<byte> value) =>
        _lastHost is { } last && Ascii.Equals(value, last) ? last : Encoding.ASCII.GetString(value);

    private static bool IsHost(string host)
    {
        if (host == _lastHost)
        {
            return true;
        }

        var isHost = HostHeader.TryReadName(host, out _);
        _lastHost = isHost ? host : _lastHost;
        return isHost;
    }

    // Null where the header is missing.
    private struct Headers
    {
        public string? Host;
        public string? Origin;
        public string? Connection;
        public string? Upgrade;
        public string? Version;
        public string? Key;
        public string? Protocols;
        public string? Extensions;
        public string? ForwardedFor;
        public string? ContentLength;
        public string? TransferEncoding;

        public readonly bool HasBody => TransferEncoding is not null || ContentLength is not (null or "0");
    }
}

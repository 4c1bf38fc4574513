using System.Security.Cryptography;
using System.Text;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace ClawEvents.Broker.Connections;

/// <summary>The broker's answer to an upgrade request: accepted with these values, or refused with an HTTP status.</summary>
/// <param name="Status">101, or the status of the refusal.</param>
/// <param name="Text">For a refusal, what is wrong and how to fix it.</param>
/// <param name="Accept">For 101, the value of <c>Sec-WebSocket-Accept</c>.</param>
/// <param name="Protocol">For 101, the subprotocol to echo; null for none.</param>
internal readonly record struct UpgradeAnswer(int Status, string Text, string? Accept = null, string? Protocol = null)
{
    /// <summary>For a refusal, the seconds after which the client should try again; 0: not said.</summary>
    public int RetryAfter { get; init; }

    /// <summary>For 101, the id that the connection will have.</summary>
    public Guid ConnectionId { get; init; }

    /// <summary>Messages are Protobuf instead of JSON.</summary>
    public bool IsProtobuf { get; init; }

    /// <summary>The answer in <c>Sec-WebSocket-Extensions</c>, when messages may be compressed; otherwise null.</summary>
    public string? Extensions { get; init; }

    /// <summary>The client asks for pings as frames instead of messages.</summary>
    public bool WantsPingFrames { get; init; }

    /// <summary>See <see cref="UpgradeRequest.Headers"/>.</summary>
    public ClientHeaders? Headers { get; init; }

    /// <summary>See <see cref="UpgradeRequest.Client"/>. It has a place of <see cref="ConnectionLimits"/> when the status is 101.</summary>
    public AddressKey Client { get; init; }

    /// <summary>The client sends nothing after its connect.</summary>
    public bool IsUnidirectional { get; init; }

    public Wire Wire => (IsProtobuf, Extensions) switch
    {
        (_, null) when IsUnidirectional => Wire.UniWebSocketJson,
        _ when IsUnidirectional => Wire.CompressedUniWebSocketJson,
        (false, null) => Wire.WebSocketJson,
        (true, null) => Wire.WebSocketProtobuf,
        (false, _) => Wire.CompressedWebSocketJson,
        (true, _) => Wire.CompressedWebSocketProtobuf,
    };

    /// <summary>Makes the connection of a request that was accepted.</summary>
    /// <param name="outbound">Of this connection alone.</param>
    /// <param name="lifetime">Aborts the transport when the far end does not close it.</param>
    public ClientConnection Open(ConnectionServices services, OutboundQueue outbound, IConnectionLifetimeFeature lifetime) => new(services, Wire, outbound, lifetime, ConnectionId)
    {
        SendsPingFrames = WantsPingFrames,
        Headers = Headers,
        Address = Client,
    };
}

/// <summary>Judges upgrade requests (RFC 6455, section 4.2). Thread-safe.</summary>
internal sealed class UpgradeHandshake(HostPolicy hosts, OriginPolicy origins, ConnectionLimits limits, TransportSettings transports)
{
    // RFC 6455, section 1.3.
    private static ReadOnlySpan<byte> AcceptSuffix => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    private const string SupportedVersion = "13";
    private const int KeyBytes = 16;

    // In base64.
    private const int KeyLength = 24;

    private static readonly string[] KnownProtocols = [MessageCodec.Json.Subprotocol, MessageCodec.Protobuf.Subprotocol];

    /// <remarks>A 101 has taken a place of <see cref="ConnectionLimits"/>; the caller gives it back when the connection has ended.</remarks>
    public UpgradeAnswer Answer(in UpgradeRequest request) =>
        !request.WantsWebSocket ? Refuse(400, "this path speaks WebSocket: send Connection: Upgrade and Upgrade: websocket")
        : request.Version != SupportedVersion ? Refuse(426, "Sec-WebSocket-Version must be 13")
        : !request.IsConnect && !IsKey(request.Key) ? Refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64")
        : !hosts.Allows(request.Host) ? Refuse(403, HostPolicy.Rule)
        : !origins.Allows(request.Origin, request.Host) ? Refuse(403, "Forbidden: this Origin may not connect; see the setting AllowedOrigins")
        : limits.Enter(request.Client) is { } refusal ? Refuse(refusal.Status, refusal.Text) with { RetryAfter = refusal.RetryAfter }
        : Accept(request);

    private UpgradeAnswer Accept(in UpgradeRequest request)
    {
        string? extensions = null;
        if (request.IsUnidirectional ? transports.CompressesUniWebSockets : transports.CompressesWebSockets)
        {
            DeflateOffer.TryAccept(request.Extensions, out extensions);
        }

        var protocol = ChooseProtocol(request.Protocols);
        return new(101, "", request.IsConnect ? null : AcceptFor(request.Key!), protocol)
        {
            ConnectionId = ClientId.New(),
            IsProtobuf = protocol == MessageCodec.Protobuf.Subprotocol || Asks(request.Query, "format", "protobuf") || Asks(request.Query, "cf_protocol", "protobuf"),
            Headers = request.Headers,
            Client = request.Client,
            Extensions = extensions,
            IsUnidirectional = request.IsUnidirectional,
            WantsPingFrames = !request.IsUnidirectional && Asks(request.Query, "cf_ws_frame_ping_pong", "true"),
        };
    }

    private static bool Asks(string? query, string name, string value)
    {
        foreach (var pair in new QueryStringEnumerable(query))
        {
            if (pair.DecodeName().Span.SequenceEqual(name) && pair.DecodeValue().Span.SequenceEqual(value))
            {
                return true;
            }
        }

        return false;
    }

    private static UpgradeAnswer Refuse(int status, string text) => new(status, text);

    private static bool IsKey(string? key)
    {
        Span<byte> bytes = stackalloc byte[KeyBytes + 2];
        return key is { Length: KeyLength } && Convert.TryFromBase64String(key, bytes, out var length) && length == KeyBytes;
    }

    private static string AcceptFor(string key)
    {
        Span<byte> text = stackalloc byte[KeyLength + AcceptSuffix.Length];
        Encoding.ASCII.GetBytes(key, text);
        AcceptSuffix.CopyTo(text[KeyLength..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];

        // RFC 6455 asks for SHA-1 here; it proves that the far end speaks WebSocket and protects nothing.
#pragma warning disable CA5350
        SHA1.HashData(text, hash);
#pragma warning restore CA5350
        return Convert.ToBase64String(hash);
    }

    // The first known one in the client's order; without a known one the connection has no subprotocol.
    private static string? ChooseProtocol(string? offered)
    {
        if (offered is null)
        {
            return null;
        }

        foreach (var protocol in offered.Split(',', StringSplitOptions.TrimEntries))
        {
            if (KnownProtocols.Contains(protocol))
            {
                return protocol;
            }
        }

        return null;
    }
}

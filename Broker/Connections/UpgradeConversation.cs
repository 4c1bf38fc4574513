using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Telemetry;
using Microsoft.AspNetCore.WebUtilities;

namespace ClawEvents.Broker.Connections;

/// <summary>Whether a connection's first bytes are a request for the WebSocket path.</summary>
internal enum RequestMatch
{
    /// <summary>Too few bytes have come.</summary>
    Undecided,
    Ours,
    Other,
}

/// <summary>Reads an upgrade request that HTTP has not seen, and writes the answer. Thread-safe.</summary>
/// <remarks>The first bytes decide: only a connection that begins with <c>GET</c> and the WebSocket's path is the broker's own.</remarks>
internal sealed class UpgradeConversation(ConnectionServices services, UpgradeHandshake handshake, TrustedProxies proxies, AccessLog log)
{
    /// <summary>Request line and headers of an upgrade, in bytes.</summary>
    public const int MaxHeadBytes = 8 * 1024;

    private const int MostDigits = 11;

    private readonly string _path = services.Transports.Paths.WebSocket;
    private readonly byte[] _requestStart = Encoding.ASCII.GetBytes($"GET {services.Transports.Paths.WebSocket}");

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _responseOfThisThread;

    /// <summary>The bytes that <see cref="Match"/> needs.</summary>
    public int MatchBytes => _requestStart.Length + 1;

    /// <summary>The end of a head.</summary>
    public static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    /// <summary>For a head that is too long.</summary>
    public static UpgradeAnswer TooLong => new(StatusCodes.Status431RequestHeaderFieldsTooLarge, $"the request's head must not exceed {MaxHeadBytes} bytes");

    /// <summary>For a head that does not arrive in time.</summary>
    public static UpgradeAnswer TooLate => new(StatusCodes.Status408RequestTimeout, "the request's head did not arrive in time");

    /// <param name="start">The first bytes of a connection; <see cref="MatchBytes"/> of them are enough.</param>
    public RequestMatch Match(ReadOnlySpan<byte> start)
    {
        var compared = Math.Min(start.Length, _requestStart.Length);
        return !start[..compared].SequenceEqual(_requestStart.AsSpan(..compared)) ? RequestMatch.Other
            : start.Length < MatchBytes ? RequestMatch.Undecided
            : start[MatchBytes - 1] is (byte)' ' or (byte)'?' ? RequestMatch.Ours
            : RequestMatch.Other;
    }

    /// <param name="head">Without <see cref="HeadEnd"/>.</param>
    /// <param name="peer">The far end of the connection; null: it has no address.</param>
    /// <remarks>A 101 has a place of <see cref="ConnectionLimits"/>.</remarks>
    public UpgradeAnswer Judge(ReadOnlySpan<byte> head, IPAddress? peer) =>
        UpgradeRequestParser.Parse(head, out var fault) is { } request
            ? handshake.Answer(request with
            {
                Headers = UpgradeRequestParser.KeepHeaders(head, services.KeptHeaders),
                Client = proxies.ClientOf(peer, request.ForwardedFor),
            })
            : new UpgradeAnswer(StatusCodes.Status400BadRequest, fault);

    /// <summary>Writes the answer, counts a refusal, and logs the request.</summary>
    /// <returns>A whole response; valid until the next call on this thread.</returns>
    public ReadOnlySpan<byte> Respond(in UpgradeAnswer answer, IPAddress? peer)
    {
        var isAccepted = answer.Status == StatusCodes.Status101SwitchingProtocols;
        if (!isAccepted)
        {
            services.Metrics.UpgradeRefused(answer.Status);
        }

        if (log.IsOn)
        {
            log.Write(new(peer, HttpMethods.Get, _path, answer.Status, TimeSpan.Zero) { Id = isAccepted ? answer.ConnectionId.ToString() : null, Bytes = answer.Text.Length });
        }

        return isAccepted ? Accepted(answer) : Refused(answer);
    }

    /// <summary>A refusal as a whole response, which ends the connection. Allocates nothing: a storm of clients may have to be refused.</summary>
    /// <returns>Valid until the next answer on this thread.</returns>
    public static ReadOnlySpan<byte> Refused(in UpgradeAnswer answer)
    {
        var response = Begin();
        response.Write("HTTP/1.1 "u8);
        Write(response, answer.Status);
        Write(response, " "u8, ReasonPhrases.GetReasonPhrase(answer.Status));
        response.Write("\r\nContent-Type: text/plain\r\nConnection: close"u8);
        Write(response, "\r\nSec-WebSocket-Version: "u8, answer.Status == StatusCodes.Status426UpgradeRequired ? "13" : null);
        if (answer.RetryAfter > 0)
        {
            response.Write("\r\nRetry-After: "u8);
            Write(response, answer.RetryAfter);
        }

        response.Write("\r\nContent-Length: "u8);
        Write(response, answer.Text.Length);
        Write(response, HeadEnd, answer.Text);
        return response.WrittenSpan;
    }

    private static ArrayBufferWriter<byte> Begin()
    {
        var response = _responseOfThisThread ??= new ArrayBufferWriter<byte>();
        response.ResetWrittenCount();
        return response;
    }

    private static ReadOnlySpan<byte> Accepted(in UpgradeAnswer answer)
    {
        var response = Begin();
        response.Write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade"u8);
        Write(response, "\r\nSec-WebSocket-Accept: "u8, answer.Accept);
        Write(response, "\r\nSec-WebSocket-Protocol: "u8, answer.Protocol);
        Write(response, "\r\nSec-WebSocket-Extensions: "u8, answer.Extensions);
        response.Write(HeadEnd);
        return response.WrittenSpan;
    }

    private static void Write(ArrayBufferWriter<byte> response, int number)
    {
        number.TryFormat(response.GetSpan(MostDigits), out var length, provider: CultureInfo.InvariantCulture);
        response.Advance(length);
    }

    private static void Write(ArrayBufferWriter<byte> response, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            response.Write(name);
            response.Advance(Encoding.ASCII.GetBytes(value, response.GetSpan(value.Length)));
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ClawEvents.Broker.Connections;

/// <summary>
/// Connection middleware that handles requests for the WebSocket path before HTTP sees them, and leaves every other connection to
/// HTTP, untouched.
/// </summary>
/// <remarks>
/// DESIGN. It sits after TLS, on the transport's pipes. The first bytes decide: nothing is consumed unless they are
/// <c>GET /connection/websocket</c>. A connection that HTTP already owns (a proxy that reuses one) upgrades through
/// <see cref="HttpUpgradeEndpoint"/> instead.
/// </remarks>
internal sealed class WebSocketEndpoint(ConnectionServices services, IMessageHandler handler, UpgradeHandshake handshake, ConnectionLimits limits, SocketGate gate, TrustedProxies proxies, AccessLog log)
{
    private enum Beginning
    {
        /// <summary>Refused, or gone.</summary>
        Ended,

        /// <summary>Not for this path; nothing was consumed. It has a place among the HTTP connections of the gate.</summary>
        Http,

        /// <summary>It has a place of <see cref="ConnectionLimits"/>.</summary>
        Upgraded,
    }

    // Whether a request is for this path.
    private enum RequestMatch
    {
        // Too few bytes have come.
        Undecided,
        Ours,
        Other,
    }

    // All that HandleAsync keeps of the handshake.
    private readonly record struct Begun(Beginning Beginning, UpgradeAnswer Answer = default);

    public const string Path = "/connection/websocket";

    /// <summary>Request line and headers of an upgrade, in bytes.</summary>
    public const int MaxHeadBytes = 8 * 1024;

    private static ReadOnlySpan<byte> RequestStart => "GET /connection/websocket"u8;

    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    /// <summary>Handles one connection from its first byte; <paramref name="next"/> is HTTP.</summary>
    public async Task HandleAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var begun = await BeginAsync(context);
        switch (begun.Beginning)
        {
            case Beginning.Http:
                await ServeAsync(context, next);
                break;
            case Beginning.Upgraded:
                var connection = Connect(context, begun.Answer);
                try
                {
                    await new ReceiveLoop(connection, context.Transport.Input, handler, services.Options.MaxMessageBytes).RunAsync();
                }
                finally
                {
                    limits.Leave(connection.Address);
                }

                break;
        }
    }

    private async Task ServeAsync(ConnectionContext context, ConnectionDelegate next)
    {
        try
        {
            await next(context);
        }
        finally
        {
            gate.LeaveHttp();
        }
    }

    // Apart from HandleAsync, which stays suspended while the connection lives and should hold nothing of this.
    private async Task<Begun> BeginAsync(ConnectionContext context)
    {
        var deadline = new UpgradeDeadline(services, context);
        try
        {
            return await MatchAsync(context.Transport.Input) switch
            {
                RequestMatch.Undecided => new(Beginning.Ended),
                RequestMatch.Other => new(await EnterHttpAsync(context) ? Beginning.Http : Beginning.Ended),
                _ => await ReadAnswerAsync(context) is { } answer && await RespondAsync(context, answer)
                    ? new(Beginning.Upgraded, answer)
                    : new(Beginning.Ended),
            };
        }
        catch (Exception exception) when (TransportLoss.Is(exception))
        {
            // Lost before it was upgraded: no client is left to answer.
            return new(Beginning.Ended);
        }
        finally
        {
            deadline.Cancel();
        }
    }

    private async Task<bool> EnterHttpAsync(ConnectionContext context)
    {
        if (gate.TryEnterHttp())
        {
            return true;
        }

        Write(context.Transport.Output, Refused(new UpgradeAnswer(StatusCodes.Status503ServiceUnavailable, "this node serves no more HTTP connections now: try again later")));
        await context.Transport.Output.FlushAsync();
        return false;
    }

    // Undecided when the client went away, or said too little in time: a socket that is silent costs others their place.
    private static async Task<RequestMatch> MatchAsync(PipeReader input)
    {
        while (true)
        {
            var read = await input.ReadAsync();
            var match = Match(read.Buffer);
            var isDecided = match is not RequestMatch.Undecided || read.IsCanceled || read.IsCompleted;
            input.AdvanceTo(read.Buffer.Start, isDecided ? read.Buffer.Start : read.Buffer.End);
            if (isDecided)
            {
                return match;
            }
        }
    }

    private static RequestMatch Match(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[RequestStart.Length + 1];
        var length = (int)Math.Min(buffer.Length, start.Length);
        buffer.Slice(0, length).CopyTo(start);
        var compared = Math.Min(length, RequestStart.Length);
        return !start[..compared].SequenceEqual(RequestStart[..compared]) ? RequestMatch.Other
            : length < start.Length ? RequestMatch.Undecided
            : start[^1] is (byte)' ' or (byte)'?' ? RequestMatch.Ours
            : RequestMatch.Other;
    }

    // Null when the client went away first.
    private async Task<UpgradeAnswer?> ReadAnswerAsync(ConnectionContext context)
    {
        var input = context.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync();
            if (TryReadHead(context, read.Buffer, out var answer))
            {
                return answer;
            }

            if (read.IsCanceled || read.IsCompleted)
            {
                return read.IsCanceled ? new UpgradeAnswer(408, "the request's head did not arrive in time") : null;
            }
        }
    }

    private bool TryReadHead(ConnectionContext context, in ReadOnlySequence<byte> buffer, out UpgradeAnswer answer)
    {
        var input = context.Transport.Input;
        var reader = new SequenceReader<byte>(buffer);
        if (reader.TryReadTo(out ReadOnlySequence<byte> head, HeadEnd) && head.Length <= MaxHeadBytes)
        {
            answer = AnswerHead(head, AddressOf(context));
            input.AdvanceTo(reader.Position);
            return true;
        }

        answer = new UpgradeAnswer(431, $"the request's head must not exceed {MaxHeadBytes} bytes");
        var isTooLong = buffer.Length > MaxHeadBytes;
        input.AdvanceTo(buffer.Start, isTooLong ? buffer.Start : buffer.End);
        return isTooLong;
    }

    private static IPAddress? AddressOf(ConnectionContext context) => (context.RemoteEndPoint as IPEndPoint)?.Address;

    private UpgradeAnswer AnswerHead(in ReadOnlySequence<byte> head, IPAddress? peer)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(MaxHeadBytes);
        try
        {
            head.CopyTo(bytes);
            return UpgradeRequestParser.Parse(bytes.AsSpan(0, (int)head.Length), out var fault) is { } request
                ? handshake.Answer(request with
                {
                    Headers = UpgradeRequestParser.KeepHeaders(bytes.AsSpan(0, (int)head.Length), services.KeptHeaders),
                    Client = proxies.ClientOf(peer, request.ForwardedFor),
                })
                : new UpgradeAnswer(400, fault);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private async Task<bool> RespondAsync(ConnectionContext context, UpgradeAnswer answer)
    {
        var isAccepted = answer.Status == StatusCodes.Status101SwitchingProtocols;
        if (!isAccepted)
        {
            services.Metrics.UpgradeRefused(answer.Status);
        }

        var isUpgraded = false;
        try
        {
            Write(context.Transport.Output, isAccepted ? Accepted(answer) : Refused(answer));
            var flush = await context.Transport.Output.FlushAsync();
            isUpgraded = isAccepted && !flush.IsCompleted;
        }
        finally
        {
            if (isAccepted && !isUpgraded)
            {
                limits.Leave(answer.Client);
            }
        }

        log.Write(AddressOf(context), HttpMethods.Get, Path, answer.Status, TimeSpan.Zero);
        return isUpgraded;
    }

    private static void Write(PipeWriter output, string text) =>
        output.Advance(Encoding.ASCII.GetBytes(text, output.GetSpan(text.Length)));

    private static string Accepted(in UpgradeAnswer answer) =>
        $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {answer.Accept}\r\n"
        + (answer.Protocol is null ? "" : $"Sec-WebSocket-Protocol: {answer.Protocol}\r\n")
        + (answer.Extensions is null ? "\r\n" : $"Sec-WebSocket-Extensions: {answer.Extensions}\r\n\r\n");

    private static string Refused(in UpgradeAnswer answer) =>
        $"HTTP/1.1 {answer.Status} {Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(answer.Status)}\r\n"
        + "Content-Type: text/plain\r\nConnection: close\r\n"
        + (answer.Status == StatusCodes.Status426UpgradeRequired ? "Sec-WebSocket-Version: 13\r\n" : "")
        + $"Content-Length: {answer.Text.Length}\r\n\r\n{answer.Text}";

    private ClientConnection Connect(ConnectionContext context, in UpgradeAnswer answer)
    {
        // The transport's connection is this feature itself.
        var lifetime = context.Features.Get<IConnectionLifetimeFeature>()!;
        return new ClientConnection(services, answer.Wire, context.Transport.Output, lifetime)
        {
            SendsPingFrames = answer.WantsPingFrames,
            Headers = answer.Headers,
            Address = answer.Client,
        };
    }
}

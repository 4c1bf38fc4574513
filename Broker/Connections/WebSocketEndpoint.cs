using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ClawEvents.Broker.Connections;

/// <summary>
/// Connection middleware that handles requests for the WebSocket path before HTTP sees them, and leaves every other connection to
/// HTTP, untouched.
/// </summary>
/// <remarks>
/// DESIGN. It sits after TLS, on the transport's pipes; plain connections of reactors come here only when they are HTTP's (<see cref="ReactorEndpoint"/>). Nothing is
/// consumed unless the first bytes are those of the path. A connection that HTTP already owns (a proxy that reuses one) upgrades through
/// <see cref="HttpUpgradeEndpoint"/> instead.
/// </remarks>
internal sealed class WebSocketEndpoint(ConnectionServices services, IMessageHandler handler, UpgradeConversation conversation, ConnectionLimits limits, SocketGate gate)
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

    // All that HandleAsync keeps of the handshake.
    private readonly record struct Begun(Beginning Beginning, UpgradeAnswer Answer = default);

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
                    await new ReceiveLoop(connection, context.Transport.Input, handler).RunAsync();
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

        var refusal = UpgradeConversation.Refused(new(StatusCodes.Status503ServiceUnavailable, "this node serves no more HTTP connections now: try again later")).ToArray();
        await context.Transport.Output.WriteAsync(refusal);
        return false;
    }

    // Undecided when the client went away, or said too little in time: a socket that is silent costs others their place.
    private async Task<RequestMatch> MatchAsync(PipeReader input)
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

    private RequestMatch Match(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[conversation.MatchBytes];
        var length = (int)Math.Min(buffer.Length, start.Length);
        buffer.Slice(0, length).CopyTo(start);
        return conversation.Match(start[..length]);
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
                return read.IsCanceled ? UpgradeConversation.TooLate : null;
            }
        }
    }

    private bool TryReadHead(ConnectionContext context, in ReadOnlySequence<byte> buffer, out UpgradeAnswer answer)
    {
        var input = context.Transport.Input;
        var reader = new SequenceReader<byte>(buffer);
        if (reader.TryReadTo(out ReadOnlySequence<byte> head, UpgradeConversation.HeadEnd) && head.Length <= UpgradeConversation.MaxHeadBytes)
        {
            answer = Judge(head, AddressOf(context));
            input.AdvanceTo(reader.Position);
            return true;
        }

        answer = UpgradeConversation.TooLong;
        var isTooLong = buffer.Length > UpgradeConversation.MaxHeadBytes;
        input.AdvanceTo(buffer.Start, isTooLong ? buffer.Start : buffer.End);
        return isTooLong;
    }

    private static IPAddress? AddressOf(ConnectionContext context) => (context.RemoteEndPoint as IPEndPoint)?.Address;

    private UpgradeAnswer Judge(in ReadOnlySequence<byte> head, IPAddress? peer)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(UpgradeConversation.MaxHeadBytes);
        try
        {
            head.CopyTo(bytes);
            return conversation.Judge(bytes.AsSpan(0, (int)head.Length), peer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private async Task<bool> RespondAsync(ConnectionContext context, UpgradeAnswer answer)
    {
        var isAccepted = answer.Status == StatusCodes.Status101SwitchingProtocols;
        var isUpgraded = false;
        try
        {
            var flush = await context.Transport.Output.WriteAsync(conversation.Respond(answer, AddressOf(context)).ToArray());
            isUpgraded = isAccepted && !flush.IsCompleted;
        }
        finally
        {
            if (isAccepted && !isUpgraded)
            {
                limits.Leave(answer.Client);
            }
        }

        return isUpgraded;
    }

    private ClientConnection Connect(ConnectionContext context, in UpgradeAnswer answer)
    {
        // The transport's connection is this feature itself.
        var lifetime = context.Features.Get<IConnectionLifetimeFeature>()!;
        return answer.Open(services, new PipeOutbound(context.Transport.Output, services.Options.MaxQueuedBytes), lifetime);
    }
}

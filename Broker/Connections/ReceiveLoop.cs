using System.Buffers;
using System.IO.Pipelines;
using System.Text.Unicode;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

/// <summary>Reads a client's frames, answers the control frames and hands whole messages on, until the connection ends.</summary>
/// <remarks>
/// <see cref="FrameReader"/> decides whether there is a whole frame; this reads more, and acts on frames.
/// A frame's bytes stay in the transport's pipe until it is whole, which its length limit bounds.
/// </remarks>
internal sealed class ReceiveLoop(ClientConnection connection, PipeReader input, IMessageHandler handler, int maxMessageBytes)
{
    private FragmentedMessage? _fragments;
    private bool _isOver;

    // The client's close frame has come, and it waits for the broker's (RFC 6455, section 5.5.1).
    private bool _hasClosed;

    // Bytes still to come of a frame that was too big.
    private long _toSkip;

    /// <summary>Ends when the client or the broker has closed the connection, or the transport is lost. Does not throw.</summary>
    /// <remarks>
    /// An idle connection is a suspended run of this method, so it keeps nothing across its waits: what was read is used
    /// up in <see cref="HandleReadAsync"/>.
    /// </remarks>
    public async Task RunAsync()
    {
        try
        {
            while (!_isOver)
            {
                var handling = HandleReadAsync(await input.ReadAsync());
                if (!handling.IsCompletedSuccessfully)
                {
                    // It waits for the store: what has been answered so far need not.
                    connection.Uncork();
                    await handling;
                }

                connection.Uncork();
            }
        }
        catch (Exception exception) when (TransportLoss.Is(exception))
        {
            // The transport was lost or aborted: no client is left to answer. CloseAsync counts it.
        }
        catch (Exception exception)
        {
            // A bug: it ends this connection only.
            connection.Fail(exception);
        }

        _fragments?.Dispose();
        if (_hasClosed)
        {
            await connection.WhenCloseSent();
        }

        await connection.CloseAsync();
    }

    /// <summary>The same, with a message that came before the first frame, in the query of the upgrade.</summary>
    public async Task RunAsync(ReadOnlyMemory<byte> first)
    {
        await handler.HandleAsync(connection, first);
        await RunAsync();
    }

    private async ValueTask HandleReadAsync(ReadResult read)
    {
        if (connection.MustWait)
        {
            await connection.NextTurnAsync();
        }
        else
        {
            connection.BeginTurn();
        }

        var buffer = Skip(read.Buffer);
        while (!_isOver && TryReadFrame(ref buffer, out var header, out var payload))
        {
            await HandleAsync(header, payload);

            // The handler counts the commands of a whole message.
            if ((header.IsControl || !header.IsFinal) && connection.CountCommand())
            {
                await connection.NextTurnAsync();
            }
        }

        input.AdvanceTo(buffer.Start, buffer.End);
        _isOver |= read.IsCompleted;
    }

    private bool TryReadFrame(ref ReadOnlySequence<byte> buffer, out FrameHeader header, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        switch (ReadHeader(buffer, out header))
        {
            case FrameStatus.ProtocolError:
                // Where frames begin is unknown from here on; what comes next may still be the client's close frame.
                connection.Disconnect(DisconnectCode.ProtocolError);
                buffer = buffer.Slice(buffer.End);
                return false;
            case FrameStatus.TooBig:
                connection.Disconnect(DisconnectCode.MessageTooBig);
                _toSkip = (long)Math.Min((ulong)header.HeaderLength + (ulong)header.PayloadLength, long.MaxValue);
                buffer = Skip(buffer);
                return false;
            case FrameStatus.Header when buffer.Length >= header.HeaderLength + header.PayloadLength:
                payload = buffer.Slice(header.HeaderLength, header.PayloadLength);
                buffer = buffer.Slice(payload.End);
                return true;
            default:
                return false;
        }
    }

    private FrameStatus ReadHeader(in ReadOnlySequence<byte> buffer, out FrameHeader header)
    {
        var first = buffer.FirstSpan;
        if (first.Length >= FrameReader.MaxHeaderLength || buffer.IsSingleSegment)
        {
            return FrameReader.TryRead(first, maxMessageBytes, out header, connection.Wire.IsCompressed);
        }

        Span<byte> start = stackalloc byte[FrameReader.MaxHeaderLength];
        var length = (int)Math.Min(buffer.Length, start.Length);
        buffer.Slice(0, length).CopyTo(start);
        return FrameReader.TryRead(start[..length], maxMessageBytes, out header, connection.Wire.IsCompressed);
    }

    private ReadOnlySequence<byte> Skip(in ReadOnlySequence<byte> buffer)
    {
        var skipped = Math.Min(_toSkip, buffer.Length);
        _toSkip -= skipped;
        return buffer.Slice(skipped);
    }

    private ValueTask HandleAsync(in FrameHeader header, in ReadOnlySequence<byte> payload)
    {
        if (header.IsControl)
        {
            HandleControl(header, payload);
            return ValueTask.CompletedTask;
        }

        if (connection.IsClosing)
        {
            return ValueTask.CompletedTask;
        }

        var continues = header.Opcode is Opcode.Continuation;
        if (continues != _fragments is not null)
        {
            // A continuation of nothing, or a new message in the midst of one.
            connection.Disconnect(DisconnectCode.ProtocolError);
            return ValueTask.CompletedTask;
        }

        return header.IsFinal && !continues ? HandleSingleAsync(header, payload) : HandleFragmentAsync(header, payload);
    }

    private void HandleControl(in FrameHeader header, in ReadOnlySequence<byte> masked)
    {
        Span<byte> bytes = stackalloc byte[(int)header.PayloadLength];
        masked.CopyTo(bytes);
        FrameMask.Unmask(bytes, header.Mask);
        switch (header.Opcode)
        {
            case Opcode.Close:
                HandleClose(bytes);
                break;
            case Opcode.Ping:
                var pong = FrameWriter.Begin();
                pong.Write(bytes);
                connection.Send(pong.Complete(Opcode.Pong));
                break;
            case Opcode.Pong:
                connection.KeepAlive.AcceptPongFrame();
                break;
        }
    }

    private void HandleClose(ReadOnlySpan<byte> payload)
    {
        (_isOver, _hasClosed) = (true, true);
        if (CloseFrame.Check(payload, out var code) is { } fault)
        {
            connection.Disconnect(fault);
        }
        else
        {
            connection.AcknowledgeClose(code);
        }
    }

    private async ValueTask HandleSingleAsync(FrameHeader header, ReadOnlySequence<byte> masked)
    {
        var length = (int)header.PayloadLength;
        var message = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            masked.CopyTo(message);
            FrameMask.Unmask(message.AsSpan(0, length), header.Mask);
            await HandleMessageAsync(header.Opcode, header.IsCompressed, message.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    private async ValueTask HandleFragmentAsync(FrameHeader header, ReadOnlySequence<byte> masked)
    {
        var message = _fragments ??= new FragmentedMessage(header.Opcode, maxMessageBytes) { IsCompressed = header.IsCompressed };
        var status = message.TryAppend(masked, header.Mask, header.IsFinal);
        if (status is not AppendStatus.Added)
        {
            connection.Disconnect(status is AppendStatus.TooBig ? DisconnectCode.MessageTooBig : DisconnectCode.InvalidPayload);
        }
        else if (header.IsFinal)
        {
            await HandleMessageAsync(message.Opcode, message.IsCompressed, message.Bytes);
        }
        else
        {
            return;
        }

        message.Dispose();
        _fragments = null;
    }

    private ValueTask HandleMessageAsync(Opcode opcode, bool isCompressed, ReadOnlyMemory<byte> message) =>
        isCompressed ? InflateAndHandleAsync(opcode, message) : HandleMessageAsync(opcode, message);

    private async ValueTask InflateAndHandleAsync(Opcode opcode, ReadOnlyMemory<byte> compressed)
    {
        var status = MessageDeflate.TryInflate(compressed.Span, MessageDeflate.MaxInflatedBytes(compressed.Length, maxMessageBytes), out var message);
        if (message is null)
        {
            connection.Disconnect(status is InflateStatus.TooBig ? DisconnectCode.MessageTooBig : DisconnectCode.InvalidPayload);
            return;
        }

        using (message)
        {
            await HandleMessageAsync(opcode, message.Bytes);
        }
    }

    private ValueTask HandleMessageAsync(Opcode opcode, ReadOnlyMemory<byte> message)
    {
        if ((opcode is Opcode.Binary && connection.Codec.IsBinary) || Utf8.IsValid(message.Span))
        {
            return handler.HandleAsync(connection, message);
        }

        // RFC 6455 allows any bytes in a binary message, but here it must be JSON.
        connection.Disconnect(opcode is Opcode.Text ? DisconnectCode.InvalidPayload : DisconnectCode.UnsupportedData);
        return ValueTask.CompletedTask;
    }
}

using System.Buffers;
using System.Text.Unicode;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

/// <summary>What the frames of one client mean: control frames are answered, whole messages handed on. RFC 6455, sections 5.4 to 5.6.</summary>
/// <remarks>A struct inside the receiver of a connection, and never copied. Frames of a connection come one after another.</remarks>
internal struct ClientFrames
{
    private FragmentedMessage? _fragments;

    // Bytes still to come of a frame that was too big.
    private long _toSkip;

    /// <summary>The client sends nothing more that counts.</summary>
    public bool IsOver { get; set; }

    /// <summary>The client's close frame has come, and it waits for the broker's (RFC 6455, section 5.5.1).</summary>
    public bool HasClosed { get; private set; }

    /// <summary>Reads the header of the next frame. A frame that breaks the protocol or is too long ends the connection.</summary>
    /// <param name="start">The unread bytes; the first <see cref="FrameReader.MaxHeaderLength"/> are enough.</param>
    /// <param name="header">As in <see cref="FrameReader.TryRead"/>.</param>
    /// <remarks>After <see cref="FrameStatus.ProtocolError"/> nobody knows where frames begin in the unread bytes; what is read next may still be the client's close frame.</remarks>
    public FrameStatus ReadHeader(ClientConnection connection, ReadOnlySpan<byte> start, out FrameHeader header)
    {
        var status = FrameReader.TryRead(start, MaxBytesOf(connection), out header, connection.Wire.IsCompressed);
        if (status is FrameStatus.ProtocolError)
        {
            connection.Disconnect(DisconnectCode.ProtocolError);
        }
        else if (status is FrameStatus.TooBig)
        {
            connection.Disconnect(DisconnectCode.MessageTooBig);
            _toSkip = (long)Math.Min((ulong)header.HeaderLength + (ulong)header.PayloadLength, long.MaxValue);
        }

        return status;
    }

    /// <summary>Skips what has come of a frame that was too big.</summary>
    /// <param name="unread">The number of unread bytes.</param>
    /// <returns>How many of them belong to it.</returns>
    public long Skip(long unread)
    {
        var skipped = Math.Min(_toSkip, unread);
        _toSkip -= skipped;
        return skipped;
    }

    /// <summary>Acts on one frame.</summary>
    /// <param name="masked">Its payload, which is unmasked in place. Not used after the task has completed.</param>
    public ValueTask HandleAsync(ClientConnection connection, IMessageHandler handler, in FrameHeader header, Memory<byte> masked)
    {
        if (header.IsControl)
        {
            FrameMask.Unmask(masked.Span, header.Mask);
            HandleControl(connection, header.Opcode, masked.Span);
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

        if (!header.IsFinal || continues)
        {
            return HandleFragmentAsync(connection, handler, header, masked);
        }

        FrameMask.Unmask(masked.Span, header.Mask);
        return HandleMessageAsync(connection, handler, header.Opcode, header.IsCompressed, masked);
    }

    /// <summary>Gives back what an unfinished message holds.</summary>
    public void Release()
    {
        _fragments?.Dispose();
        _fragments = null;
    }

    private void HandleControl(ClientConnection connection, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case Opcode.Close:
                HandleClose(connection, payload);
                break;
            case Opcode.Ping:
                var pong = FrameWriter.Begin();
                pong.Write(payload);
                connection.Send(pong.Complete(Opcode.Pong));
                break;
            case Opcode.Pong:
                connection.KeepAlive.AcceptPongFrame();
                break;
        }
    }

    private void HandleClose(ClientConnection connection, ReadOnlySpan<byte> payload)
    {
        (IsOver, HasClosed) = (true, true);
        if (CloseFrame.Check(payload, out var code) is { } fault)
        {
            connection.Disconnect(fault);
        }
        else
        {
            connection.AcknowledgeClose(code);
        }
    }

    private ValueTask HandleFragmentAsync(ClientConnection connection, IMessageHandler handler, in FrameHeader header, ReadOnlyMemory<byte> masked)
    {
        var message = _fragments ??= new FragmentedMessage(header.Opcode, MaxBytesOf(connection)) { IsCompressed = header.IsCompressed };
        var status = message.TryAppend(new ReadOnlySequence<byte>(masked), header.Mask, header.IsFinal);
        if (status is AppendStatus.Added && !header.IsFinal)
        {
            return ValueTask.CompletedTask;
        }

        _fragments = null;
        if (status is AppendStatus.Added)
        {
            return HandleAndDisposeAsync(connection, handler, message);
        }

        message.Dispose();
        connection.Disconnect(status is AppendStatus.TooBig ? DisconnectCode.MessageTooBig : DisconnectCode.InvalidPayload);
        return ValueTask.CompletedTask;
    }

    private static int MaxBytesOf(ClientConnection connection) => connection.Services.Transports.MaxBytesOf(connection.Wire, connection.Services.Options.MaxMessageBytes);

    private static async ValueTask HandleAndDisposeAsync(ClientConnection connection, IMessageHandler handler, FragmentedMessage message)
    {
        using (message)
        {
            await HandleMessageAsync(connection, handler, message.Opcode, message.IsCompressed, message.Bytes);
        }
    }

    private static ValueTask HandleMessageAsync(ClientConnection connection, IMessageHandler handler, Opcode opcode, bool isCompressed, ReadOnlyMemory<byte> message) =>
        isCompressed ? InflateAndHandleAsync(connection, handler, opcode, message) : HandleMessageAsync(connection, handler, opcode, message);

    private static async ValueTask InflateAndHandleAsync(ClientConnection connection, IMessageHandler handler, Opcode opcode, ReadOnlyMemory<byte> compressed)
    {
        var most = MessageDeflate.MaxInflatedBytes(compressed.Length, MaxBytesOf(connection), connection.Services.Transports.MaxDecompressedBytesOf(connection.Wire));
        var status = MessageDeflate.TryInflate(compressed.Span, most, out var message);
        if (message is null)
        {
            connection.Disconnect(status is InflateStatus.TooBig ? DisconnectCode.MessageTooBig : DisconnectCode.InvalidPayload);
            return;
        }

        using (message)
        {
            await HandleMessageAsync(connection, handler, opcode, message.Bytes);
        }
    }

    private static ValueTask HandleMessageAsync(ClientConnection connection, IMessageHandler handler, Opcode opcode, ReadOnlyMemory<byte> message)
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

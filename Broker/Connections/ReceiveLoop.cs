using System.Buffers;
using System.IO.Pipelines;
using ClawEvents.Broker.Frames;

namespace ClawEvents.Broker.Connections;

/// <summary>Reads a client's frames, answers the control frames and hands whole messages on, until the connection ends.</summary>
/// <remarks>
/// <see cref="FrameReader"/> decides whether there is a whole frame; this reads more, and acts on frames.
/// A frame's bytes stay in the transport's pipe until it is whole, which its length limit bounds.
/// </remarks>
internal sealed class ReceiveLoop(ClientConnection connection, PipeReader input, IMessageHandler handler)
{
    private ClientFrames _frames;

    /// <summary>Ends when the client or the broker has closed the connection, or the transport is lost. Does not throw.</summary>
    /// <remarks>
    /// An idle connection is a suspended run of this method, so it keeps nothing across its waits: what was read is used
    /// up in <see cref="HandleReadAsync"/>.
    /// </remarks>
    public async Task RunAsync()
    {
        try
        {
            while (!_frames.IsOver)
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

        _frames.Release();
        if (_frames.HasClosed)
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
        while (!_frames.IsOver && TryReadFrame(ref buffer, out var header, out var payload))
        {
            await HandleAsync(header, payload);

            // The handler counts the commands of a whole message.
            if ((header.IsControl || !header.IsFinal) && connection.CountCommand())
            {
                await connection.NextTurnAsync();
            }
        }

        input.AdvanceTo(buffer.Start, buffer.End);
        _frames.IsOver |= read.IsCompleted;
    }

    private bool TryReadFrame(ref ReadOnlySequence<byte> buffer, out FrameHeader header, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        switch (ReadHeader(buffer, out header))
        {
            case FrameStatus.ProtocolError:
                buffer = buffer.Slice(buffer.End);
                return false;
            case FrameStatus.TooBig:
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
            return _frames.ReadHeader(connection, first, out header);
        }

        Span<byte> start = stackalloc byte[FrameReader.MaxHeaderLength];
        var length = (int)Math.Min(buffer.Length, start.Length);
        buffer.Slice(0, length).CopyTo(start);
        return _frames.ReadHeader(connection, start[..length], out header);
    }

    private ReadOnlySequence<byte> Skip(in ReadOnlySequence<byte> buffer) => buffer.Slice(_frames.Skip(buffer.Length));

    // A frame may lie in several pieces of the pipe, which others may read, too: so it is copied.
    private async ValueTask HandleAsync(FrameHeader header, ReadOnlySequence<byte> masked)
    {
        var length = (int)header.PayloadLength;
        var payload = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            masked.CopyTo(payload);
            await _frames.HandleAsync(connection, handler, header, payload.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(payload);
        }
    }
}

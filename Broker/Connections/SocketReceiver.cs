using System.Buffers;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Connections;

/// <summary>Reads the frames of a client on a reactor, in the reactor's buffer, until the connection ends.</summary>
/// <remarks>
/// All of it runs on the reactor's thread. A command that has to wait parks the input: nothing more is read until it is done, and it comes back through the
/// reactor's mailbox. An idle connection has no buffer and no task.
/// </remarks>
internal sealed class SocketReceiver(ReactorEndpoint endpoint, ClientConnection connection, ReactorSocket socket) : ISocketHandler, IStallListener
{
    private const int LeastPart = 256;

    private ClientFrames _frames;
    private bool _isWaiting;
    private bool _hasFinished;

    // An unfinished frame, in pooled memory.
    private byte[] _part = [];
    private int _partLength;

    // Of the bytes that the reactor reported last, those in its buffer.
    private int _received;

    /// <inheritdoc/>
    public void OnReceived(ReactorSocket socket, Memory<byte> bytes)
    {
        if (_hasFinished)
        {
            return;
        }

        _received = bytes.Length;
        var input = _partLength == 0 ? bytes : AppendToPart(bytes);
        if (connection.MustWait)
        {
            Wait(connection.NextTurnAsync(), input);
        }
        else
        {
            TakeTurn(input);
        }
    }

    private SocketOutbound Outbound => (SocketOutbound)connection.Outbound;

    /// <inheritdoc/>
    public void OnWritable(ReactorSocket socket) => Outbound.OnWritable();

    /// <inheritdoc/>
    public void OnStalled() => connection.OnStalled();

    /// <inheritdoc/>
    public void OnEnd(ReactorSocket socket)
    {
        if (!_isWaiting)
        {
            Finish();
        }
    }

    private void TakeTurn(Memory<byte> input)
    {
        try
        {
            connection.BeginTurn();
            Consume(input);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    private void Consume(Memory<byte> input)
    {
        input = Skip(input);
        while (!_frames.IsOver && TryReadFrame(ref input, out var header, out var payload))
        {
            var handling = _frames.HandleAsync(connection, endpoint.Handler, header, payload);
            if (!handling.IsCompletedSuccessfully)
            {
                Wait(handling, input);
                return;
            }

            // The handler counts the commands of a whole message.
            if ((header.IsControl || !header.IsFinal) && connection.CountCommand())
            {
                Wait(connection.NextTurnAsync(), input);
                return;
            }
        }

        connection.Uncork();
        KeepPart(input);
        if (_frames.IsOver || socket.HasEnded)
        {
            Finish();
        }
    }

    private bool TryReadFrame(ref Memory<byte> input, out FrameHeader header, out Memory<byte> payload)
    {
        payload = default;
        switch (_frames.ReadHeader(connection, input.Span, out header))
        {
            case FrameStatus.ProtocolError:
                input = default;
                return false;
            case FrameStatus.TooBig:
                input = Skip(input);
                return false;
            case FrameStatus.Header when input.Length >= header.HeaderLength + header.PayloadLength:
                payload = input.Slice(header.HeaderLength, (int)header.PayloadLength);
                input = input[(header.HeaderLength + payload.Length)..];
                return true;
            default:
                return false;
        }
    }

    private Memory<byte> Skip(Memory<byte> input) => input[(int)_frames.Skip(input.Length)..];

    // The work may use the input's memory until it is done.
    private void Wait(ValueTask work, Memory<byte> input)
    {
        if (_partLength > 0)
        {
            // The collector takes it: it may be in use for longer than this connection lives.
            (_part, _partLength) = ([], 0);
        }
        else if (_received > 0)
        {
            socket.Reactor.ReceiveBuffer.Keep(_received);
        }

        _received = 0;
        _isWaiting = true;
        socket.PauseReading();

        // What has been answered so far need not wait.
        connection.Uncork();
        _ = ContinueAfterAsync(work, input);
    }

    private async Task ContinueAfterAsync(ValueTask work, Memory<byte> input)
    {
        try
        {
            await work;
            _isWaiting = false;
            TakeTurn(input);
        }
        catch (Exception exception)
        {
            _isWaiting = false;
            Fail(exception);
        }

        if (!_isWaiting && !socket.IsClosed)
        {
            socket.ResumeReading();
        }
    }

    // A bug: it ends this connection only.
    private void Fail(Exception exception)
    {
        socket.Reactor.CountFault();
        connection.Fail(exception);
        connection.Uncork();
        Finish();
    }

    private Memory<byte> AppendToPart(ReadOnlyMemory<byte> bytes)
    {
        var length = _partLength + bytes.Length;
        if (length > _part.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, 2 * _partLength));
            _part.AsSpan(0, _partLength).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_part);
            _part = larger;
        }

        bytes.CopyTo(_part.AsMemory(_partLength));
        _partLength = length;
        return _part.AsMemory(0, length);
    }

    // Keeps an unfinished frame; without one the memory goes back to the pool.
    private void KeepPart(ReadOnlyMemory<byte> rest)
    {
        if (rest.IsEmpty)
        {
            ReleasePart();
            return;
        }

        if (_partLength == 0)
        {
            _part = ArrayPool<byte>.Shared.Rent(Math.Max(rest.Length, LeastPart));
        }

        rest.CopyTo(_part);
        _partLength = rest.Length;
    }

    private void ReleasePart()
    {
        if (_part.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_part);
            (_part, _partLength) = ([], 0);
        }
    }

    private void Finish()
    {
        if (!_hasFinished)
        {
            _hasFinished = true;
            _frames.Release();
            ReleasePart();
            _ = FinishAsync();
        }
    }

    private async Task FinishAsync()
    {
        try
        {
            if (_frames.HasClosed)
            {
                await connection.WhenCloseSent();
            }

            await connection.CloseAsync();
        }
        catch (Exception exception)
        {
            socket.Reactor.CountFault();
            connection.Fail(exception);
        }
        finally
        {
            Outbound.LeaveSocket();
            endpoint.OnClosed(connection);
            socket.Reactor.CloseAfterPeer(socket);
        }
    }
}

using System.Net;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Connections;

/// <summary>A socket that was accepted and whose request has not come yet, or not as a whole.</summary>
/// <remarks>Lives on its reactor's thread, apart from <see cref="OnDue"/>. Gone once the connection has been upgraded, passed on to HTTP, or refused.</remarks>
internal sealed class IncomingSocket : TimerNode, ISocketHandler
{
    private readonly ReactorEndpoint _endpoint;
    private readonly ReactorSocket _socket;
    private readonly IPEndPoint? _remote;
    private readonly ReactorListener _others;

    // What has come of the head, when it did not come as a whole.
    private byte[] _kept = [];
    private int _keptLength;

    private IncomingSocket(ReactorEndpoint endpoint, ReactorSocket socket, IPEndPoint? remote, ReactorListener others) =>
        (_endpoint, _socket, _remote, _others) = (endpoint, socket, remote, others);

    /// <summary>Waits for the request on a socket, for a limited time.</summary>
    public static void Start(ReactorEndpoint endpoint, ReactorSocket socket, IPEndPoint? remote, ReactorListener others)
    {
        var incoming = new IncomingSocket(endpoint, socket, remote, others);
        socket.Handler = incoming;
        endpoint.Services.Wheel.Schedule(incoming, endpoint.Services.Options.UpgradeTimeout);
    }

    /// <inheritdoc/>
    public override void OnDue() => _socket.Reactor.Post(EndWait);

    private void EndWait()
    {
        if (_socket.Handler != this || _socket.IsClosed)
        {
            return;
        }

        if (_endpoint.Conversation.Match(_kept.AsSpan(0, _keptLength)) is RequestMatch.Ours)
        {
            Refuse(UpgradeConversation.TooLate);
        }
        else
        {
            // It said too little: a socket that is silent costs others their place.
            Finish();
            _socket.Close();
        }
    }

    /// <inheritdoc/>
    public void OnReceived(ReactorSocket socket, Memory<byte> bytes)
    {
        var all = Append(bytes);
        switch (_endpoint.Conversation.Match(all.Span))
        {
            case RequestMatch.Other:
                _others.PassOn(socket, _remote, all.Span);
                Finish();
                break;
            case RequestMatch.Ours:
                ReadHead(all);
                break;
            default:
                Keep(all);
                break;
        }
    }

    /// <inheritdoc/>
    public void OnWritable(ReactorSocket socket)
    {
        // Nothing waits to be sent.
    }

    /// <inheritdoc/>
    public void OnEnd(ReactorSocket socket)
    {
        Finish();
        socket.Close();
    }

    private void ReadHead(Memory<byte> all)
    {
        var length = all.Span.IndexOf(UpgradeConversation.HeadEnd);
        if (length is >= 0 and <= UpgradeConversation.MaxHeadBytes)
        {
            Answer(all, length);
        }
        else if (all.Length > UpgradeConversation.MaxHeadBytes)
        {
            Refuse(UpgradeConversation.TooLong);
        }
        else
        {
            Keep(all);
        }
    }

    private void Answer(Memory<byte> all, int headLength)
    {
        var answer = _endpoint.Conversation.Judge(all.Span[..headLength], _remote?.Address);
        if (answer.Status != StatusCodes.Status101SwitchingProtocols)
        {
            Refuse(answer);
            return;
        }

        _endpoint.Services.Wheel.Cancel(this);
        var rest = all.Span[(headLength + UpgradeConversation.HeadEnd.Length)..];
        _endpoint.Upgrade(_socket, answer, _endpoint.Conversation.Respond(answer, _remote?.Address), rest);
    }

    // A refusal is short: a socket that was just opened takes it.
    private void Refuse(in UpgradeAnswer answer)
    {
        Finish();
        _socket.Send(_endpoint.Conversation.Respond(answer, _remote?.Address));
        _socket.Reactor.CloseAfterPeer(_socket);
    }

    private Memory<byte> Append(Memory<byte> bytes)
    {
        if (_keptLength == 0)
        {
            return bytes;
        }

        Reserve(_keptLength + bytes.Length);
        bytes.CopyTo(_kept.AsMemory(_keptLength));
        return _kept.AsMemory(0, _keptLength + bytes.Length);
    }

    private void Keep(ReadOnlyMemory<byte> all)
    {
        if (_keptLength == 0)
        {
            Reserve(all.Length);
            all.CopyTo(_kept);
        }

        _keptLength = all.Length;
    }

    private void Reserve(int length)
    {
        if (length > _kept.Length)
        {
            Array.Resize(ref _kept, Math.Max(length, Math.Min(2 * _kept.Length, UpgradeConversation.MaxHeadBytes)));
        }
    }

    private void Finish() => _endpoint.Services.Wheel.Cancel(this);
}

using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

/// <summary>Pings one client, and ends its connection when a pong is missing.</summary>
/// <remarks>
/// A struct inside the connection and never copied: an object of its own would cost every connection a header and a reference.
/// The fields stand in the order of their size, so that there is no padding between them.
/// <see cref="OnDue"/> runs on the timer wheel's thread; the other members are thread-safe.
/// </remarks>
internal struct KeepAlive
{
    private static readonly byte[] PingFrame = FrameWriter.Begin().Complete(Opcode.Ping).ToArray();

    // Written by the wheel's thread (ping) and the receive loop (pong).
    private int _owesPong;

    // The wheel waits for the answer to a ping, and not for the next ping. Used by the wheel's thread only.
    private bool _isPongDue;
    private readonly bool _clientPongsWithFrames;

    public KeepAlive(bool clientPongsWithFrames) => _clientPongsWithFrames = clientPongsWithFrames;

    /// <summary>Pings are those of RFC 6455, and not messages of the client protocol.</summary>
    public bool SendsPingFrames { get; set; }

    private readonly bool ExpectsPongFrames => SendsPingFrames || _clientPongsWithFrames;

    /// <summary>Between half and a full interval, so that clients that connected together are not pinged together.</summary>
    public static TimeSpan FirstDelay(ConnectionOptions options) => options.KeepAliveInterval * (0.5 + (Random.Shared.NextDouble() / 2));

    /// <summary>Accepts an empty command as the answer to a ping.</summary>
    /// <returns>False when no such ping was open.</returns>
    public bool TryAcceptPongMessage() => !ExpectsPongFrames && Interlocked.Exchange(ref _owesPong, 0) == 1;

    /// <summary>Accepts a pong frame, which a client may send at any time (RFC 6455, section 5.5.3).</summary>
    public void AcceptPongFrame()
    {
        if (ExpectsPongFrames)
        {
            Volatile.Write(ref _owesPong, 0);
        }
    }

    /// <summary>Sends the next ping, or judges whether the last one was answered. They alternate: BrokerOptions keeps the pong limit below the ping interval.</summary>
    /// <param name="connection">The one that this is a part of.</param>
    public void OnDue(ClientConnection connection)
    {
        var options = connection.Services.Options;
        if (options.PingInterval == TimeSpan.Zero)
        {
            connection.ScheduleNext(options.KeepAliveInterval);
        }
        else if (connection.Wire.NeverPongs)
        {
            connection.Send(connection.Wire.Ping);
            connection.ScheduleNext(options.PingInterval);
        }
        else if (_isPongDue)
        {
            _isPongDue = false;
            CheckPong(connection, options);
        }
        else
        {
            _isPongDue = true;
            Volatile.Write(ref _owesPong, 1);
            connection.Send(SendsPingFrames ? PingFrame : connection.Wire.Ping);
            connection.ScheduleNext(options.PongTimeout);
        }
    }

    private readonly void CheckPong(ClientConnection connection, ConnectionOptions options)
    {
        if (Volatile.Read(in _owesPong) == 1)
        {
            connection.Disconnect(DisconnectCode.NoPong);
        }
        else
        {
            connection.ScheduleNext(options.PingInterval - options.PongTimeout);
        }
    }
}

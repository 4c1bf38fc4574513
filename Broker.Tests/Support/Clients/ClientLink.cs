using System.Buffers;
using System.IO.Pipelines;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.AspNetCore.Connections.Features;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>A client's end of one connection, after the upgrade: frames in, frames out, over two pipes in memory.</summary>
/// <remarks>
/// The pipes are inline: when <see cref="Send(ReadOnlySpan{byte})"/> returns, the broker has done all it does about the bytes, unless a
/// command had to wait for the store: the receive loop then goes on by itself.
/// </remarks>
internal sealed partial class ClientLink
{
    public const string ConnectReply =
        "{\"id\":1,\"connect\":{\"client\":\"CLIENT\",\"version\":\"0.1.0 ClawEvents\",\"ping\":25,\"pong\":true}}";

    private readonly Pipe _toBroker;
    private readonly Pipe _fromBroker;
    private readonly Lifetime _lifetime = new();

    /// <param name="rig">The broker.</param>
    /// <param name="pauseAt">Unread bytes from which on the broker finds the transport full; 0: never.</param>
    /// <param name="segmentBytes">See <see cref="InlinePipe.Create"/>.</param>
    /// <param name="wire">How messages travel; null: as JSON.</param>
    /// <param name="pingFrames">The client asked for ping frames.</param>
    public ClientLink(BrokerRig rig, int pauseAt = 0, int segmentBytes = -1, Wire? wire = null, bool pingFrames = false)
    {
        _toBroker = InlinePipe.Create(segmentBytes: segmentBytes);
        _fromBroker = InlinePipe.Create(pauseAt);
        Connection = new ClientConnection(rig.Services, wire ?? Wire.WebSocketJson, _fromBroker.Writer, _lifetime) { SendsPingFrames = pingFrames };
        Running = new ReceiveLoop(Connection, _toBroker.Reader, rig.Handler).RunAsync();
    }

    public ClientConnection Connection { get; }

    /// <summary>The receive loop.</summary>
    public Task Running { get; }

    /// <summary>The broker has released the connection.</summary>
    public bool IsOver => Running.IsCompletedSuccessfully;

    /// <summary>The broker has aborted the transport.</summary>
    public bool IsAborted => _lifetime.IsAborted;

    /// <summary>Sends bytes with one write.</summary>
    public void Send(params ReadOnlySpan<byte> bytes)
    {
        _toBroker.Writer.Write(bytes);
        var flush = _toBroker.Writer.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("The write had to wait.");
        }

        _ = flush.Result;
    }

    /// <summary>Sends one text frame.</summary>
    public void Send(string text) => Send(ClientFrame.Text(text));

    /// <summary>The transport ends without a close frame.</summary>
    public void Hang() => _toBroker.Writer.Complete();

    /// <summary>The broker's next read throws, as if there were a bug in it.</summary>
    public void Break(Exception fault) => _toBroker.Writer.Complete(fault);

    /// <summary>The bytes that the broker sent since the last call.</summary>
    public List<ServerFrame> Frames() => ServerFrame.ParseAll(_fromBroker.Reader.TakeAll());

    /// <summary>The frames that the broker sent since the last call: texts, and other frames by name; its own id reads CLIENT, and every epoch EPOCH.</summary>
    public string[] Received() =>
        [.. Frames().Select(frame => Epochs().Replace(frame.ToString().Replace($"{Connection.Id}", "CLIENT", StringComparison.Ordinal), "\"epoch\":\"EPOCH\""))];

    /// <summary>Discards everything that the broker sent.</summary>
    public byte[] TakeAll() => _fromBroker.Reader.TakeAll();

    /// <summary>Discards everything that the broker sent, and allocates nothing.</summary>
    public void Discard()
    {
        if (_fromBroker.Reader.TryRead(out var read))
        {
            _fromBroker.Reader.AdvanceTo(read.Buffer.End);
        }
    }

    /// <summary>Waits until the broker has sent something, and takes it.</summary>
    public async Task<string[]> ReceivedAsync(CancellationToken cancellation)
    {
        var read = await _fromBroker.Reader.ReadAsync(cancellation);
        _fromBroker.Reader.AdvanceTo(read.Buffer.Start);
        return Received();
    }

    /// <summary>Sends a text frame and takes the answer.</summary>
    public string[] Ask(string text)
    {
        Send(text);
        return Received();
    }

    /// <summary>Runs an action when bytes arrive from the broker, within the call that sends them.</summary>
    public async Task WhenSentToAsync(Action act)
    {
        var read = await _fromBroker.Reader.ReadAsync();
        _fromBroker.Reader.AdvanceTo(read.Buffer.Start);
        act();
    }

    /// <summary>Connects, and takes the reply.</summary>
    public ClientLink Connected(string? token = null)
    {
        var reply = Ask(token is null ? "{\"id\":1,\"connect\":{}}" : $"{{\"id\":1,\"connect\":{{\"token\":\"{token}\"}}}}");
        if (!reply.Single().StartsWith("{\"id\":1,\"connect\":{\"client\":", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The connect was answered with {reply.Single()}");
        }

        return this;
    }

    [GeneratedRegex("\"epoch\":\"[A-Za-z]{8}\"")]
    private static partial Regex Epochs();

    private sealed class Lifetime : IConnectionLifetimeFeature
    {
        public bool IsAborted { get; private set; }

        public CancellationToken ConnectionClosed { get; set; }

        public void Abort() => IsAborted = true;
    }
}

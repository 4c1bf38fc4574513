using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;
using Microsoft.AspNetCore.Connections.Features;

namespace ClawEvents.Broker.Connections;

/// <summary>One client, from its upgrade to its end: its identity, its phase, and what is sent to it.</summary>
/// <remarks>
/// Commands of one connection run one after another, on its receive loop. Pushes, disconnects and ended subscriptions come from any
/// thread. Kept small: the broker's memory is mostly this object, its queue and the transport's own state. So its parts with a state of
/// their own (<see cref="Connections.KeepAlive"/>, <see cref="Connections.SubscriptionTable"/>) are structs in it.
/// </remarks>
internal sealed partial class ClientConnection : TimerNode, ISubscriber, IStallListener
{
    private KeepAlive _keepAlive;
    private SubscriptionTable _subscriptionTable = new();
    private CommandPace _pace;
    private int _phase = (int)ConnectionPhase.AwaitingConnect;

    // Null until the connection has an end.
    private ConnectionExpiry? _expiry;

    // Made when it is first asked for: most anonymous connections need none.
    private ClientInfo? _info;
    private AnonymousRate? _anonymousRate;

    /// <param name="output">Where frames go; completed by the transport's owner, after <see cref="CloseAsync"/>.</param>
    /// <param name="lifetime">Aborts the transport when the far end does not close it.</param>
    public ClientConnection(ConnectionServices services, Wire wire, PipeWriter output, IConnectionLifetimeFeature lifetime)
        : this(services, wire, new PipeOutbound(output, services.Options.MaxQueuedBytes), lifetime, ClientId.New())
    {
    }

    /// <param name="outbound">Of this connection alone.</param>
    /// <param name="lifetime">Aborts the transport when the far end does not close it.</param>
    /// <param name="id">A new one of <see cref="ClientId"/>.</param>
    public ClientConnection(ConnectionServices services, Wire wire, OutboundQueue outbound, IConnectionLifetimeFeature lifetime, Guid id)
    {
        Id = id;
        Services = services;
        Wire = wire;
        Outbound = outbound;
        if (services.Writes.LimitOf(wire) > TimeSpan.Zero)
        {
            outbound.ReportStallsTo(this);
        }

        _lifetime = lifetime;
        _keepAlive = new KeepAlive(wire.PongsAreFrames);
        services.Metrics.ConnectionOpened(wire.Transport);
        Schedule(services.Options.ConnectTimeout);
    }

    public ConnectionServices Services { get; }

    /// <summary>Sent to the client in the connect reply; unique per connection.</summary>
    public Guid Id { get; }

    /// <summary>Anonymous until a connect proves another.</summary>
    public Principal Principal { get; private set; } = Principal.Anonymous;

    /// <inheritdoc/>
    public Wire Wire { get; }

    /// <summary>Reads commands and writes replies.</summary>
    public MessageCodec Codec => Wire.Codec;

    /// <summary>Sent to the client alone, on all transports but a bidirectional WebSocket: a request that names it speaks for the client. Null: none.</summary>
    public string? Session { get; init; }

    /// <summary>The values kept for back ends and for the client's next token.</summary>
    public ClientProfile Profile { get; private set; } = ClientProfile.None;

    /// <summary>Kept headers of the client's request, and those that its connect command named.</summary>
    [AllowNull]
    public ClientHeaders Headers
    {
        get => Profile.Headers;
        init => Profile = Profile.WithHeaders(value ?? ClientHeaders.None);
    }

    /// <summary>How back ends know the client.</summary>
    public ProxyCaller Caller => new(Id, Wire.Transport, Codec.IsBinary ? "protobuf" : "json")
    {
        User = Principal.Name,
        Headers = Profile.Headers,
        Meta = Profile.Meta,
    };

    /// <inheritdoc cref="KeepAlive.SendsPingFrames"/>
    public bool SendsPingFrames
    {
        get => _keepAlive.SendsPingFrames;
        init => _keepAlive.SendsPingFrames = value;
    }

    public ref KeepAlive KeepAlive => ref _keepAlive;

    public ConnectionSubscriptions Subscriptions => new(this);

    /// <summary>The state of <see cref="Subscriptions"/>.</summary>
    public ref SubscriptionTable SubscriptionTable => ref _subscriptionTable;

    /// <summary>A timestamp of the broker's clock, set when it has connected.</summary>
    public long ConnectedAt { get; private set; }

    /// <summary>The bytes that wait to be sent; for the parts of the connection only, since its gate is the object itself.</summary>
    public OutboundQueue Outbound { get; }

    /// <summary>The client as others see it.</summary>
    public ClientInfo Info => _info ??= new(Principal.Name, Id);

    /// <summary>The command that is carried out now, or was last.</summary>
    public CommandKind Handling { get; set; }

    /// <summary>Null for a client with a name, by which its publishes are counted. For the receive loop only.</summary>
    public AnonymousRate? AnonymousRate => Principal.IsAnonymous ? _anonymousRate ??= new(Services.Time) : null;

    public ConnectionPhase Phase => (ConnectionPhase)Volatile.Read(ref _phase);

    /// <summary>No command of this connection is carried out any more.</summary>
    public bool IsClosing => Phase >= ConnectionPhase.Closing;

    /// <summary>The client's address, past trusted proxies.</summary>
    public AddressKey Address { get; init; }

    /// <summary>Adds the headers that the client names in its connect; called once, before the client is identified.</summary>
    public void AddHeaders(IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count > 0)
        {
            Profile = Profile.WithHeaders(Headers.WithEmulated(headers, Services.Proxies.EmulatedHeaders));
        }
    }

    /// <summary>Sets who the client is: before <see cref="Connect"/>, and when it has brought a new token of the same principal.</summary>
    public void Identify(ConnectionIdentity identity)
    {
        Principal = identity.Principal;
        SetInfo(identity.Info);
        Profile = Profile.WithGrants(identity.Subscriptions).WithMeta(identity.Meta);
        ExpireAt(identity.ExpiresAt);
    }

    /// <summary>Sets what a back end says of a connection that goes on. Thread-safe.</summary>
    /// <param name="expiresAt">Its new end; <see cref="DateTimeOffset.MaxValue"/>: never.</param>
    /// <param name="info">Replaces what others see of the client; empty: that stays.</param>
    /// <param name="meta">Replaces the connection's meta; empty: that stays.</param>
    public void Renew(DateTimeOffset expiresAt, ReadOnlyMemory<byte> info, ReadOnlyMemory<byte> meta)
    {
        if (!info.IsEmpty)
        {
            SetInfo(info);
        }

        Profile = Profile.WithMeta(meta);
        ExpireAt(expiresAt);
    }

    /// <summary>When the connection ends; null: never.</summary>
    public DateTimeOffset? ExpiresAt => Volatile.Read(ref _expiry)?.Moment;

    /// <summary>Sets when the connection ends; <see cref="DateTimeOffset.MaxValue"/>: never. Thread-safe.</summary>
    public void ExpireAt(DateTimeOffset moment)
    {
        if (moment != DateTimeOffset.MaxValue && Volatile.Read(ref _expiry) is null)
        {
            Interlocked.CompareExchange(ref _expiry, new ConnectionExpiry(this), null);
        }

        Volatile.Read(ref _expiry)?.Set(moment);
    }

    /// <summary>Queues one reply or push of this connection's own.</summary>
    /// <param name="frame">A whole frame; copied.</param>
    public void Send(ReadOnlySpan<byte> frame)
    {
        if (!Outbound.TryEnqueue(frame))
        {
            Disconnect(DisconnectCode.Slow);
        }
    }

    /// <summary>Queues one reply or push of this connection's own.</summary>
    /// <param name="message">This thread's, with one message of <see cref="Codec"/> in it.</param>
    /// <param name="isWritten">The result of the codec's Try method: a message that its encoding cannot hold ends the connection.</param>
    public void Send(FrameWriter message, bool isWritten = true)
    {
        if (isWritten)
        {
            Send(Complete(message));
        }
        else
        {
            Disconnect(DisconnectCode.InappropriateProtocol);
        }
    }

    /// <summary>Finishes a message of this connection's own.</summary>
    /// <inheritdoc cref="Wire.Complete"/>
    public ReadOnlySpan<byte> Complete(FrameWriter message) => Wire.Complete(message, Services.Compression);

    /// <summary>Queues an error reply and counts the refusal.</summary>
    /// <param name="channel">That of the command, for those who follow it; null: it has none.</param>
    public void SendError(uint id, ErrorCode error, ChannelName? channel = null)
    {
        Services.Metrics.Refused(CommandMetrics.Names[(int)Handling], error.Code);
        ConnectionLog.Refused(this, error, channel);
        if (Wire.IsUnidirectional)
        {
            // There are no replies, and the only command there is has failed.
            (_lifetime as IEndListener)?.OnEnding(error.Code, error.Message);
            Disconnect(Services.Transports.DisconnectFor(error));
            return;
        }

        var message = FrameWriter.Begin();
        Codec.WriteError(message, id, error);
        Send(message);
    }

    /// <summary>Whether the next turn has to be waited for, with <see cref="NextTurnAsync"/>: the client sends too much, or does not read the replies.</summary>
    public bool MustWait => _pace.IsGreedy || Outbound.HasUnreadReplies;

    /// <summary>Begins a turn. Frames are kept back until <see cref="Uncork"/>: the answers to what one turn brought leave in one write.</summary>
    /// <remarks>This and the other members about turns are called by the receive loop, or what stands for it, only.</remarks>
    public void BeginTurn()
    {
        _pace.BeginTurn(Services.Time);
        Outbound.Cork();
    }

    /// <summary>Counts a command, or a frame that costs as much.</summary>
    /// <returns>Whether the turn is over: <see cref="NextTurnAsync"/> comes before the next command.</returns>
    public bool CountCommand() => _pace.CountCommand(Services.CommandRule, Services.Time) || Outbound.HasUnreadReplies;

    /// <summary>Ends the turn, and waits for the next one, until the other connections have had theirs and the client has read its replies.</summary>
    public async ValueTask NextTurnAsync()
    {
        Uncork();
        await Outbound.WhenRepliesRead();
        if (_pace.IsGreedy)
        {
            Services.Hits.Add(Limit.Commands);
            await (Reactor ?? (ITurnLane)Services.SlowLane).NextTurn();
        }
        else
        {
            await Task.Yield();
        }

        BeginTurn();
    }

    /// <summary>Sends what <see cref="BeginTurn"/> keeps back.</summary>
    public void Uncork() => Outbound.Uncork();

    private void SetInfo(ReadOnlyMemory<byte> info) => _info = info.IsEmpty ? null : new(Principal.Name, Id, info);
}

using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Protocol.Json;
using ClawEvents.Broker.Protocol.Protobuf;

namespace ClawEvents.Broker.Protocol;

/// <summary>One encoding of the client protocol: messages ⇄ commands, replies and pushes.</summary>
/// <remarks>
/// Pure and thread-safe; there is one object of each. Every write adds one whole message, which in Protobuf begins with its
/// length; transports join several JSON messages with line feeds.
/// <para>A write that is named Try returns false when a payload is not JSON but has to be (Protobuf accepts any bytes). The output is then
/// useless, and the connection is closed with <see cref="DisconnectCode.InappropriateProtocol"/>.</para>
/// </remarks>
internal abstract class MessageCodec
{
    /// <summary>JSON for bidirectional transports.</summary>
    public static MessageCodec Json { get; } = new JsonCodec(arePushesBare: false);

    /// <summary>Protobuf for bidirectional transports.</summary>
    public static MessageCodec Protobuf { get; } = new ProtobufCodec(arePushesBare: false);

    /// <summary>JSON for unidirectional transports: pushes stand alone, not in a reply.</summary>
    public static MessageCodec JsonPushes { get; } = new JsonCodec(arePushesBare: true);

    /// <summary>Protobuf for unidirectional transports.</summary>
    public static MessageCodec ProtobufPushes { get; } = new ProtobufCodec(arePushesBare: true);

    /// <summary>Its name as a WebSocket subprotocol.</summary>
    public abstract string Subprotocol { get; }

    /// <summary>Messages are binary, not text: UTF-8 is not checked, and binary frames are sent.</summary>
    public abstract bool IsBinary { get; }

    /// <summary>The broker's ping, an empty message; the client answers with an empty command.</summary>
    public abstract ReadOnlySpan<byte> Ping { get; }

    /// <summary>Takes the next command off a message.</summary>
    /// <param name="rest">The rest of the message, not empty; afterwards without the command.</param>
    /// <param name="command">Its memory is that of the message.</param>
    /// <returns>False for anything that is not a command: the connection is then closed with 3501.</returns>
    /// <remarks>Hot path: does not allocate for publish, subscribe, unsubscribe, history and pong, unless a JSON string holds escapes.</remarks>
    public abstract bool TryReadCommand(ref ReadOnlyMemory<byte> rest, out Command command);

    /// <summary>Reads the first message of a unidirectional connection: the request of a connect, alone.</summary>
    /// <param name="request">Empty, or a JSON null: a request without fields.</param>
    /// <param name="connect">Its memory is that of the request.</param>
    public abstract bool TryReadConnect(ReadOnlyMemory<byte> request, out ConnectCommand connect);

    /// <summary>Reads the body of a request to <c>/emulation</c>.</summary>
    public abstract bool TryReadEmulationRequest(ReadOnlyMemory<byte> body, out EmulationRequest request);

    /// <summary>Reads the filter of a subscribe.</summary>
    /// <param name="filter">From <see cref="SubscriptionWish.Filter"/>.</param>
    /// <param name="node">The root.</param>
    public abstract bool TryReadFilter(ReadOnlyMemory<byte> filter, out FilterNode node);

    public abstract void WriteError(IBufferWriter<byte> output, uint id, ErrorCode error);

    public abstract bool TryWriteConnected(IBufferWriter<byte> output, uint id, in ConnectResult result);

    public abstract bool TryWriteSubscribed(IBufferWriter<byte> output, uint id, in SubscribeResult result);

    public abstract void WriteUnsubscribed(IBufferWriter<byte> output, uint id);

    public abstract void WritePublished(IBufferWriter<byte> output, uint id);

    public abstract bool TryWritePresence(IBufferWriter<byte> output, uint id, IReadOnlyList<ClientInfo> clients);

    public abstract void WritePresenceStats(IBufferWriter<byte> output, uint id, int clients, int users);

    public abstract bool TryWriteHistory(IBufferWriter<byte> output, uint id, IReadOnlyList<StoredPublication> publications, StreamPosition top);

    /// <param name="output">Gets the message.</param>
    /// <param name="id">Of the command.</param>
    /// <param name="data">Empty for none.</param>
    public abstract bool TryWriteRpcResult(IBufferWriter<byte> output, uint id, ReadOnlySpan<byte> data);

    public abstract void WriteRefreshed(IBufferWriter<byte> output, uint id, in RefreshResult result);

    public abstract bool TryWriteSubscriptionRefreshed(IBufferWriter<byte> output, uint id, in SubRefreshResult result);

    /// <remarks>Hot path: once per publication, not per subscriber. No allocation (PublicationPushBenchmarks).</remarks>
    public abstract bool TryWritePublicationPush(IBufferWriter<byte> output, ChannelName channel, in WirePublication publication);

    public abstract bool TryWriteJoinPush(IBufferWriter<byte> output, ChannelName channel, ClientInfo client);

    public abstract bool TryWriteLeavePush(IBufferWriter<byte> output, ChannelName channel, ClientInfo client);

    /// <summary>Reports a subscription that the broker made.</summary>
    /// <param name="output">Gets the message.</param>
    /// <param name="channel">Of the subscription.</param>
    /// <param name="result">Position and data are written; the rest is for replies only.</param>
    public abstract bool TryWriteSubscribePush(IBufferWriter<byte> output, ChannelName channel, in SubscribeResult result);

    public abstract void WriteUnsubscribePush(IBufferWriter<byte> output, ChannelName channel, UnsubscribeCode code);

    /// <summary>A message to the connection, not to a channel.</summary>
    public abstract bool TryWriteMessagePush(IBufferWriter<byte> output, ReadOnlySpan<byte> data);

    /// <summary>Takes the place of the connect reply on unidirectional transports.</summary>
    public abstract bool TryWriteConnectPush(IBufferWriter<byte> output, in ConnectResult result);

    /// <summary>The last message on transports without a close frame.</summary>
    public abstract void WriteDisconnectPush(IBufferWriter<byte> output, DisconnectCode code);

    /// <summary>Reports that the broker prolonged the connection, or set its end.</summary>
    /// <param name="output">Gets the message.</param>
    /// <param name="timeToLiveSeconds">0 when the connection no longer expires.</param>
    public abstract void WriteRefreshPush(IBufferWriter<byte> output, long timeToLiveSeconds);
}

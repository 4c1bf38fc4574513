using System.Buffers;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Cluster;

/// <summary>Orders as bytes. Pure: what is read is checked to the last byte.</summary>
/// <remarks>
/// <code>
/// order = sender (16 bytes), type (1), fields
/// </code>
/// docs/reference/redis-keys.md#envelopes
/// </remarks>
internal static class NodeOrderCodec
{
    private enum OrderType : byte
    {
        Disconnect = 1,
        Unsubscribe = 2,
        Subscribe = 3,
        Refresh = 4,
        Access = 5,
        Key = 6,
        Advertisement = 7,
    }

    /// <param name="output">Where to: the content of an envelope.</param>
    /// <param name="sender">The node that gives the order.</param>
    /// <param name="order">What is to be done.</param>
    public static void Write(IBufferWriter<byte> output, Guid sender, NodeOrder order)
    {
        output.WriteGuid(sender);
        output.WriteByte((byte)TypeOf(order));
        switch (order)
        {
            case DisconnectOrder disconnect:
                WriteSelection(output, disconnect.Whom);
                output.WriteUInt32((uint)disconnect.Code);
                output.WriteText(disconnect.Reason);
                WriteClients(output, disconnect.Except);
                break;
            case UnsubscribeOrder unsubscribe:
                WriteSelection(output, unsubscribe.Whom);
                output.WriteText(unsubscribe.Channel.Value);
                break;
            case SubscribeOrder subscribe:
                WriteSubscribe(output, subscribe);
                break;
            case RefreshOrder refresh:
                WriteSelection(output, refresh.Whom);
                output.WriteByte(refresh.IsExpired ? (byte)1 : (byte)0);
                output.WriteUInt64((ulong)refresh.ExpireAt);
                output.WriteBytes(refresh.Info.Span);
                break;
            case AccessOrder access:
                output.WriteText(access.Channel.Value);
                break;
            case KeyOrder key:
                output.WriteText(key.Principal);
                break;
            case AdvertisementOrder advertisement:
                output.WriteText(advertisement.Channel.Value);
                break;
        }
    }

    /// <returns>Null when it is no order.</returns>
    public static NodeOrder? Read(ReadOnlyMemory<byte> content, out Guid sender)
    {
        var reader = new NodeFieldReader(content);
        sender = reader.ReadGuid();
        var order = Read(ref reader, (OrderType)reader.ReadByte());
        return reader.IsComplete ? order : null;
    }

    private static OrderType TypeOf(NodeOrder order) => order switch
    {
        DisconnectOrder => OrderType.Disconnect,
        UnsubscribeOrder => OrderType.Unsubscribe,
        SubscribeOrder => OrderType.Subscribe,
        RefreshOrder => OrderType.Refresh,
        AccessOrder => OrderType.Access,
        KeyOrder => OrderType.Key,
        AdvertisementOrder => OrderType.Advertisement,
        _ => throw new ArgumentException($"{order.GetType().Name} has no form for the bus", nameof(order)),
    };

    private static NodeOrder? Read(ref NodeFieldReader reader, OrderType type) => type switch
    {
        OrderType.Disconnect => new DisconnectOrder(ReadSelection(ref reader), (int)reader.ReadUInt32(), reader.ReadText(), ReadClients(ref reader)),
        OrderType.Unsubscribe => new UnsubscribeOrder(ReadSelection(ref reader), ReadChannel(ref reader)!),
        OrderType.Subscribe => ReadSubscribe(ref reader),
        OrderType.Refresh => new RefreshOrder(ReadSelection(ref reader), reader.ReadByte() == 1, (long)reader.ReadUInt64(), reader.ReadBytes().ToArray()),
        OrderType.Access => new AccessOrder(ReadChannel(ref reader)!),
        OrderType.Key => new KeyOrder(reader.ReadText()),
        OrderType.Advertisement => new AdvertisementOrder(ReadChannel(ref reader)!),
        _ => null,
    };

    private static void WriteSubscribe(IBufferWriter<byte> output, SubscribeOrder order)
    {
        WriteSelection(output, order.Whom);
        output.WriteText(order.Channel.Value);
        output.WriteBytes(order.Info.Span);
        output.WriteBytes(order.Data.Span);
        output.WriteUInt64((ulong)order.ExpireAt);
        WriteFlag(output, order.RecoverSince is not null);
        output.WriteUInt64(order.RecoverSince?.Offset ?? 0);
        output.WriteText(order.RecoverSince?.Epoch ?? "");
        WriteFlag(output, order.Override.Presence);
        WriteFlag(output, order.Override.JoinLeave);
        WriteFlag(output, order.Override.ForcePushJoinLeave);
        WriteFlag(output, order.Override.ForcePositioning);
        WriteFlag(output, order.Override.ForceRecovery);
    }

    private static SubscribeOrder ReadSubscribe(ref NodeFieldReader reader)
    {
        var order = new SubscribeOrder(
            ReadSelection(ref reader), ReadChannel(ref reader)!, reader.ReadBytes().ToArray(), reader.ReadBytes().ToArray(), (long)reader.ReadUInt64(), null, default);
        var recovers = ReadFlag(ref reader);
        var since = new StreamPosition(reader.ReadUInt64(), reader.ReadText());
        return order with
        {
            RecoverSince = recovers is true ? since : null,
            Override = new(ReadFlag(ref reader), ReadFlag(ref reader), ReadFlag(ref reader), ReadFlag(ref reader), ReadFlag(ref reader)),
        };
    }

    private static void WriteSelection(IBufferWriter<byte> output, UserSelection whom)
    {
        output.WriteText(whom.User);
        output.WriteGuid(whom.Client ?? Guid.Empty);
        output.WriteText(whom.Session ?? "");
    }

    private static UserSelection ReadSelection(ref NodeFieldReader reader)
    {
        var (user, client, session) = (reader.ReadText(), reader.ReadGuid(), reader.ReadText());
        return new(user, client == Guid.Empty ? null : client, session.Length == 0 ? null : session);
    }

    private static void WriteClients(IBufferWriter<byte> output, IReadOnlyList<Guid> clients)
    {
        output.WriteUInt32((uint)clients.Count);
        foreach (var client in clients)
        {
            output.WriteGuid(client);
        }
    }

    private static Guid[] ReadClients(ref NodeFieldReader reader)
    {
        var count = reader.ReadUInt32();
        if (count > reader.Length / NodeFieldReader.GuidBytes)
        {
            reader.Break();
            return [];
        }

        var clients = new Guid[count];
        for (var i = 0; i < clients.Length; i++)
        {
            clients[i] = reader.ReadGuid();
        }

        return clients;
    }

    // Null only from a reader that is broken.
    private static ChannelName? ReadChannel(ref NodeFieldReader reader)
    {
        if (!ChannelName.TryParse(reader.ReadText(), out var channel))
        {
            reader.Break();
        }

        return channel;
    }

    // 0: unsaid, 1: no, 2: yes.
    private static void WriteFlag(IBufferWriter<byte> output, bool? flag) => output.WriteByte(flag is null ? (byte)0 : flag.Value ? (byte)2 : (byte)1);

    private static bool? ReadFlag(ref NodeFieldReader reader)
    {
        switch (reader.ReadByte())
        {
            case 0:
                return null;
            case 1:
                return false;
            case 2:
                return true;
            default:
                reader.Break();
                return null;
        }
    }
}

using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Cluster;

/// <content>
/// <code>
/// disconnect  = whom, code (4), reason, count (4), and so many ids of connections
/// unsubscribe = whom, channel, code (4), reason
/// subscribe   = whom, channel, info, data, end, five options (1 each: 0 unsaid, 1 no, 2 yes), recovers (1), and then offset (8), epoch
/// refresh     = whom, end, info
/// whom        = user, client, session
/// end         = 8 bytes, UTC in ticks of .NET
/// </code>
/// </content>
internal static partial class NodeMessageCodec
{
    // Ids of connections follow their length.
    private const int MinTextBytes = sizeof(uint);

    // docs/reference/codes.md
    private const uint FirstUnsubscribeCode = 2000;
    private const uint LastUnsubscribeCode = 2999;

    private static MessageType TypeOf(ConnectionOrder order) => order switch
    {
        DisconnectOrder => MessageType.Disconnect,
        UnsubscribeOrder => MessageType.Unsubscribe,
        SubscribeOrder => MessageType.Subscribe,
        RefreshOrder => MessageType.Refresh,
        _ => throw new ArgumentException($"{order.GetType().Name} has no form for the bus", nameof(order)),
    };

    private static void WriteOrder(IBufferWriter<byte> output, NodeOrder order)
    {
        output.WriteText(order.Whom.User);
        output.WriteText(order.Whom.Client);
        output.WriteText(order.Whom.Session);
        switch (order.Order)
        {
            case DisconnectOrder disconnect:
                WriteCode(output, disconnect.Code.Code, disconnect.Code.Reason);
                output.WriteUInt32((uint)disconnect.Spared.Count);
                foreach (var spared in disconnect.Spared)
                {
                    output.WriteText(spared);
                }

                break;
            case UnsubscribeOrder unsubscribe:
                output.WriteText(unsubscribe.Channel);
                WriteCode(output, unsubscribe.Code.Code, unsubscribe.Code.Reason);
                break;
            case SubscribeOrder subscribe:
                WriteSubscribe(output, subscribe);
                break;
            case RefreshOrder refresh:
                output.WriteUInt64((ulong)refresh.ExpiresAt.UtcTicks);
                output.WriteBytes(refresh.Info.Span);
                break;
        }
    }

    private static NodeOrder? ReadOrder(ref NodeFieldReader reader, MessageType type)
    {
        var whom = new ConnectionFilter(reader.ReadText(), reader.ReadText(), reader.ReadText());
        ConnectionOrder? order = type switch
        {
            MessageType.Disconnect => ReadDisconnect(ref reader),
            MessageType.Unsubscribe => ReadUnsubscribe(ref reader),
            MessageType.Subscribe => ReadSubscribe(ref reader),
            MessageType.Refresh => new RefreshOrder(ReadEnd(ref reader), reader.ReadBytes().ToArray()),
            _ => null,
        };
        return order is null ? null : new(whom, order);
    }

    private static void WriteCode(IBufferWriter<byte> output, int code, string reason)
    {
        output.WriteUInt32((uint)code);
        output.WriteText(reason);
    }

    // A close frame must be able to carry any code and reason.
    private static DisconnectOrder? ReadDisconnect(ref NodeFieldReader reader)
    {
        var code = DisconnectCode.Custom(reader.ReadUInt32(), reader.ReadText());
        var spared = new string[reader.ReadCount(MinTextBytes)];
        for (var i = 0; i < spared.Length; i++)
        {
            spared[i] = reader.ReadText();
        }

        return code is null ? null : new(code, spared);
    }

    private static UnsubscribeOrder? ReadUnsubscribe(ref NodeFieldReader reader)
    {
        var (channel, code, reason) = (reader.ReadText(), reader.ReadUInt32(), reader.ReadText());
        return code is >= FirstUnsubscribeCode and <= LastUnsubscribeCode && reason.Length > 0 ? new(channel, new((int)code, reason)) : null;
    }

    private static void WriteSubscribe(IBufferWriter<byte> output, SubscribeOrder order)
    {
        var (grant, since) = (order.Grant, order.RecoverSince);
        output.WriteText(grant.Channel);
        output.WriteBytes(grant.Info.Span);
        output.WriteBytes(grant.Data.Span);
        output.WriteUInt64((ulong)grant.ExpiresAt.UtcTicks);
        output.WriteOption(grant.Overrides.Presence);
        output.WriteOption(grant.Overrides.JoinLeave);
        output.WriteOption(grant.Overrides.ForcePushJoinLeave);
        output.WriteOption(grant.Overrides.ForceRecovery);
        output.WriteOption(grant.Overrides.ForcePositioning);
        output.WriteFlag(since is not null);
        if (since is { } position)
        {
            output.WriteUInt64(position.Offset);
            output.WriteText(position.Epoch);
        }
    }

    private static SubscribeOrder ReadSubscribe(ref NodeFieldReader reader)
    {
        var (channel, info, data) = (reader.ReadText(), reader.ReadBytes().ToArray(), reader.ReadBytes().ToArray());
        var end = ReadEnd(ref reader);
        var overrides = new OptionOverrides(reader.ReadOption(), reader.ReadOption(), reader.ReadOption(), reader.ReadOption(), reader.ReadOption());
        StreamPosition? since = reader.ReadFlag() ? new(reader.ReadUInt64(), reader.ReadText()) : null;
        return new(new(channel, info, data, overrides) { ExpiresAt = end }, since);
    }

    private static DateTimeOffset ReadEnd(ref NodeFieldReader reader)
    {
        var ticks = reader.ReadLong();
        if (ticks <= DateTime.MaxValue.Ticks)
        {
            return new(ticks, TimeSpan.Zero);
        }

        reader.Break();
        return default;
    }
}

using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Reads the fields of a Protobuf subscribe.</summary>
internal static class ProtobufSubscribeReader
{
    public static bool TryReadField(ref ProtobufReader reader, int field, WireType type, ref SubscribeCommand subscribe) => field switch
    {
        1 => reader.TryReadText(type, out subscribe.Channel),
        2 => reader.TryReadText(type, out subscribe.Token),
        8 => ProtobufRequestReader.TryReadData(ref reader, type, out subscribe.Data),
        15 => ProtobufRequestReader.TryReadInt32(ref reader, type, out subscribe.Type),
        >= 16 and <= 19 => TryReadPage(ref reader, field, type, ref subscribe.Page),
        _ => TryReadWish(ref reader, field, type, ref subscribe.Wish),
    };

    private static bool TryReadWish(ref ProtobufReader reader, int field, WireType type, ref SubscriptionWish wish) => field switch
    {
        3 => reader.TryReadFlag(type, out wish.Recover),
        6 => reader.TryReadText(type, out wish.Epoch),
        7 => reader.TryReadNumber(type, out wish.Offset),
        9 => reader.TryReadFlag(type, out wish.Positioned),
        10 => reader.TryReadFlag(type, out wish.Recoverable),
        11 => reader.TryReadFlag(type, out wish.JoinLeave),
        12 => TryReadDelta(ref reader, type, ref wish),
        13 => TryReadFilter(ref reader, type, ref wish),
        14 => TryReadFlag(ref reader, type, ref wish),
        _ => reader.TrySkip(type),
    };

    private static bool TryReadPage(ref ProtobufReader reader, int field, WireType type, ref PageWish page) => field switch
    {
        16 => ProtobufRequestReader.TryReadInt32(ref reader, type, out page.Phase),
        17 => reader.TryReadText(type, out page.Cursor),
        18 => ProtobufRequestReader.TryReadInt32(ref reader, type, out page.Limit),
        _ => reader.TryReadFlag(type, out page.Ascending),
    };

    private static bool TryReadDelta(ref ProtobufReader reader, WireType type, ref SubscriptionWish wish)
    {
        var isRead = reader.TryReadText(type, out var delta);
        wish.Delta = SubscriptionWish.DeltaOf(delta.Span);
        return isRead;
    }

    private static bool TryReadFilter(ref ProtobufReader reader, WireType type, ref SubscriptionWish wish)
    {
        var isRead = reader.TryReadBytes(type, out var filter);
        wish.Filter = filter;
        return isRead;
    }

    private static bool TryReadFlag(ref ProtobufReader reader, WireType type, ref SubscriptionWish wish)
    {
        var isRead = reader.TryReadNumber(type, out var flag);
        wish.RejectUnrecovered = SubscriptionWish.RejectsUnrecovered((long)flag);
        return isRead;
    }
}

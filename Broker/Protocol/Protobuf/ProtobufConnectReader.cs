using System.Text;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Reads the fields of a Protobuf connect.</summary>
internal static class ProtobufConnectReader
{
    public static bool TryReadField(ref ProtobufReader reader, int field, WireType type, ref ConnectCommand connect) => field switch
    {
        1 => reader.TryReadText(type, out connect.Token),
        2 => ProtobufRequestReader.TryReadData(ref reader, type, out connect.Data),
        3 or 4 or 5 or 6 => TryReadDetail(ref reader, field, type, connect.Details ??= new()),
        7 => reader.TryReadNumber(type, out _),
        8 or 9 => reader.TryReadText(type, out _),
        _ => reader.TrySkip(type),
    };

    private static bool TryReadDetail(ref ProtobufReader reader, int field, WireType type, ConnectDetails details) => field switch
    {
        3 => reader.TryReadBytes(type, out var subscription) && TryReadSubscription(subscription, details),
        4 => reader.TryReadString(type, out details.Name),
        5 => reader.TryReadString(type, out details.Version),
        _ => reader.TryReadBytes(type, out var header) && TryReadHeader(header, details),
    };

    private static bool TryReadSubscription(ReadOnlyMemory<byte> message, ConnectDetails details)
    {
        var entry = (Name: ReadOnlyMemory<byte>.Empty, Subscribe: default(SubscribeCommand));
        if (!ProtobufReader.TryReadFields(message, ref entry, TryReadSubscriptionField))
        {
            return false;
        }

        // The name in the map is the channel, not the one in the request.
        entry.Subscribe.Channel = entry.Name;
        return details.TryAddSubscription(Encoding.UTF8.GetString(entry.Name.Span), entry.Subscribe);
    }

    private static bool TryReadSubscriptionField(ref ProtobufReader reader, int field, WireType type, ref (ReadOnlyMemory<byte> Name, SubscribeCommand Subscribe) entry) => field switch
    {
        1 => reader.TryReadText(type, out entry.Name),
        2 => reader.TryReadBytes(type, out var request) && ProtobufReader.TryReadFields(request, ref entry.Subscribe, ProtobufSubscribeReader.TryReadField),
        _ => reader.TrySkip(type),
    };

    private static bool TryReadHeader(ReadOnlyMemory<byte> message, ConnectDetails details)
    {
        var entry = (Name: "", Value: "");
        return ProtobufReader.TryReadFields(message, ref entry, TryReadHeaderField) && details.TryAddHeader(entry.Name, entry.Value);
    }

    private static bool TryReadHeaderField(ref ProtobufReader reader, int field, WireType type, ref (string Name, string Value) entry) => field switch
    {
        1 => reader.TryReadString(type, out entry.Name),
        2 => reader.TryReadString(type, out entry.Value),
        _ => reader.TrySkip(type),
    };
}

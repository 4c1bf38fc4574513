using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Reads one Protobuf command of the client protocol.</summary>
/// <remarks>
/// docs/reference/protocol.md#protobuf. Unknown fields are ignored, the last of two equal ones wins, of two equal requests the fields are
/// joined, as the format wants it, a wrong type is an error. Pure and thread-safe.
/// Hot path: allocates only for the details of a connect (CommandReaderBenchmarks).
/// </remarks>
internal static class ProtobufCommandReader
{
    private const int IdField = 1;

    /// <param name="message">One message, without its length.</param>
    /// <param name="command">Its memory is that of the message.</param>
    /// <returns>False when the bytes are not a command.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> message, out Command command)
    {
        command = default;
        return ProtobufReader.TryReadFields(message, ref command, TryReadField) && command.IsComplete;
    }

    private static bool TryReadField(ref ProtobufReader reader, int field, WireType type, ref Command command)
    {
        if (field == IdField)
        {
            var isRead = reader.TryReadNumber(type, out var number);
            command.Id = (uint)number;
            return isRead;
        }

        var kind = KindOf(field);
        if (kind is CommandKind.Pong)
        {
            return reader.TrySkip(type);
        }

        command.AddKind(kind);
        return reader.TryReadBytes(type, out var request) && ProtobufRequestReader.TryRead(request, kind, ref command);
    }

    private static CommandKind KindOf(int field) => field switch
    {
        4 => CommandKind.Connect,
        5 => CommandKind.Subscribe,
        6 => CommandKind.Unsubscribe,
        7 => CommandKind.Publish,
        8 => CommandKind.Presence,
        9 => CommandKind.PresenceStats,
        10 => CommandKind.History,
        12 => CommandKind.Send,
        13 => CommandKind.Rpc,
        14 => CommandKind.Refresh,
        15 => CommandKind.SubRefresh,
        _ => CommandKind.Pong,
    };
}

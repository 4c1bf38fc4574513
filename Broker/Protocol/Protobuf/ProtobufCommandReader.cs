namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Reads one Protobuf command of the client protocol.</summary>
/// <remarks>
/// docs/reference/protocol.md#protobuf. Unknown fields are passed over, the last of two equal ones wins, a wrong type is an error. Pure and thread-safe.
/// Hot path: allocates only for what only a connect has (CommandReaderBenchmarks).
/// </remarks>
internal static class ProtobufCommandReader
{
    private const int IdField = 1;

    /// <param name="message">One message, without its length.</param>
    /// <param name="command">What it says.</param>
    /// <returns>False when the bytes are not a command: the connection is then closed with 3501.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> message, out Command command)
    {
        command = default;
        uint id = 0;
        var reader = new ProtobufReader(message);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadTag(out var field, out var type) || !TryReadField(ref reader, field, type, ref id, ref command))
            {
                return false;
            }
        }

        command = command with { Id = id };
        return command.IsComplete;
    }

    private static bool TryReadField(ref ProtobufReader reader, int field, WireType type, ref uint id, ref Command command)
    {
        if (field == IdField)
        {
            var isRead = reader.TryReadNumber(type, out var number);
            id = (uint)number;
            return isRead;
        }

        var kind = KindOf(field);
        return kind is CommandKind.Pong ? reader.TryPass(type)
            : reader.TryReadBytes(type, out var message) && TryReadRequest(message, kind, ref command);
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

    private static bool TryReadRequest(ReadOnlyMemory<byte> message, CommandKind kind, ref Command command)
    {
        // Of two equal requests the fields are joined: so the format wants it.
        var request = kind == command.Kind ? command : new Command(kind, 0);
        if (!ProtobufRequestReader.TryRead(message, ref request))
        {
            return false;
        }

        if (command.Kind is CommandKind.Pong || kind <= command.Kind)
        {
            command = request;
        }

        return true;
    }
}

namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Reads the fields of one Protobuf request, numbered as in docs/reference/protocol.md#protobuf.</summary>
internal static class ProtobufRequestReader
{
    /// <param name="message">The request.</param>
    /// <param name="request">Its kind decides which fields there are. Fields that come replace what it had.</param>
    /// <returns>False for what is no Protobuf, or a field of a wrong type.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> message, ref Command request)
    {
        var reader = new ProtobufReader(message);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadTag(out var field, out var type) || !TryReadField(ref reader, field, type, ref request))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadField(ref ProtobufReader reader, int field, WireType type, ref Command request) => (request.Kind, field) switch
    {
        (CommandKind.Connect, _) => ProtobufConnectReader.TryReadField(ref reader, field, type, ref request),
        (CommandKind.Subscribe, not 1) => TryReadSubscribe(ref reader, field, type, ref request),
        (CommandKind.Publish, 2) or (CommandKind.Rpc, 1) or (CommandKind.Send, 1) => TryReadData(ref reader, type, ref request),
        (CommandKind.Publish, 3) or (CommandKind.SubRefresh, 3) => TryReadType(ref reader, type, ref request),
        (CommandKind.Publish, 5) => reader.TryReadFlag(type, out _),
        (CommandKind.Publish, 4) => reader.TryReadText(type, out _),
        (CommandKind.Rpc, 2) => TryReadMethod(ref reader, type, ref request),
        (CommandKind.History, 7 or 8 or 9) => TryReadHistory(ref reader, field, type, ref request),
        (CommandKind.Refresh, 1) or (CommandKind.SubRefresh, 2) => TryReadToken(ref reader, type, ref request),
        (CommandKind.Refresh or CommandKind.Rpc or CommandKind.Send, _) => reader.TryPass(type),
        (_, 1) => TryReadChannel(ref reader, type, ref request),
        _ => reader.TryPass(type),
    };

    public static bool TryReadToken(ref ProtobufReader reader, WireType type, ref Command request)
    {
        var isRead = reader.TryReadText(type, out var token);
        request = request with { Token = token };
        return isRead;
    }

    // Empty bytes are never written, and if they are, they mean none.
    public static bool TryReadData(ref ProtobufReader reader, WireType type, ref Command request)
    {
        var isRead = reader.TryReadBytes(type, out var data);
        request = request with { Data = data.IsEmpty ? (ReadOnlyMemory<byte>?)null : data };
        return isRead;
    }

    private static bool TryReadChannel(ref ProtobufReader reader, WireType type, ref Command request)
    {
        var isRead = reader.TryReadText(type, out var channel);
        request = request with { Channel = channel };
        return isRead;
    }

    private static bool TryReadMethod(ref ProtobufReader reader, WireType type, ref Command request)
    {
        var isRead = reader.TryReadText(type, out var method);
        request = request with { Method = method };
        return isRead;
    }

    private static bool TryReadSubscribe(ref ProtobufReader reader, int field, WireType type, ref Command request)
    {
        switch (field)
        {
            case 2:
                return TryReadToken(ref reader, type, ref request);
            case 6:
                return TryReadEpoch(ref reader, type, ref request);
            case 7:
                return TryReadOffset(ref reader, type, ref request);
            case 8:
                return TryReadData(ref reader, type, ref request);
            case 3 or 9 or 10 or 11:
                return TryReadWish(ref reader, field, type, ref request);
            case 12:
                var isDelta = reader.TryReadText(type, out var delta);
                request = request with { Delta = SubscribeFields.DeltaOf(delta.Span) };
                return isDelta;
            case 13:
                var isFilter = reader.TryReadBytes(type, out var filter);
                request = request with { Filter = filter };
                return isFilter;
            case 14:
                var isFlag = reader.TryReadNumber(type, out var flag);
                request = request with { RejectUnrecovered = SubscribeFields.RejectsUnrecovered((long)flag) };
                return isFlag;
            case 15:
                return TryReadType(ref reader, type, ref request);
            case 16 or 18 or 19:
                return reader.TryReadNumber(type, out _);
            case 17:
                return reader.TryReadText(type, out _);
            default:
                return reader.TryPass(type);
        }
    }

    // 32 bits, however long it is written.
    private static bool TryReadType(ref ProtobufReader reader, WireType type, ref Command request)
    {
        var isRead = reader.TryReadNumber(type, out var number);
        request = request with { HasOtherType = (int)number != 0 };
        return isRead;
    }

    private static bool TryReadWish(ref ProtobufReader reader, int field, WireType type, ref Command request)
    {
        var isRead = reader.TryReadFlag(type, out var value);
        request = field switch
        {
            3 => request with { Recover = value },
            9 => request with { Positioned = value },
            10 => request with { Recoverable = value },
            _ => request with { JoinLeave = value },
        };
        return isRead;
    }

    private static bool TryReadHistory(ref ProtobufReader reader, int field, WireType type, ref Command request)
    {
        if (field == 8)
        {
            request = request with { HasSince = true };
            return reader.TryReadBytes(type, out var since) && TryReadSince(since, ref request);
        }

        var isRead = reader.TryReadNumber(type, out var number);
        request = field == 7 ? request with { Limit = (int)number } : request with { Reverse = number != 0 };
        return isRead;
    }

    private static bool TryReadSince(ReadOnlyMemory<byte> message, ref Command request)
    {
        var reader = new ProtobufReader(message);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadTag(out var field, out var type))
            {
                return false;
            }

            var isRead = field switch
            {
                1 => TryReadOffset(ref reader, type, ref request),
                2 => TryReadEpoch(ref reader, type, ref request),
                _ => reader.TryPass(type),
            };
            if (!isRead)
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadOffset(ref ProtobufReader reader, WireType type, ref Command request)
    {
        var isRead = reader.TryReadNumber(type, out var offset);
        request = request with { Offset = offset };
        return isRead;
    }

    private static bool TryReadEpoch(ref ProtobufReader reader, WireType type, ref Command request)
    {
        var isRead = reader.TryReadText(type, out var epoch);
        request = request with { Epoch = epoch };
        return isRead;
    }
}

namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Reads the fields of a Protobuf connect.</summary>
internal static class ProtobufConnectReader
{
    private const int TokenField = 1;
    private const int DataField = 2;
    private const int SubscriptionsField = 3;
    private const int NameField = 4;
    private const int VersionField = 5;
    private const int HeadersField = 6;

    /// <summary>Reads the request alone; no bytes are a request without fields.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> message, out Command command)
    {
        command = new Command(CommandKind.Connect, 1);
        return ProtobufRequestReader.TryRead(message, ref command);
    }

    /// <param name="reader">After a tag.</param>
    /// <param name="field">From the tag.</param>
    /// <param name="type">From the tag.</param>
    /// <param name="request">Gets the field's value.</param>
    public static bool TryReadField(ref ProtobufReader reader, int field, WireType type, ref Command request)
    {
        switch (field)
        {
            case TokenField:
                return ProtobufRequestReader.TryReadToken(ref reader, type, ref request);
            case DataField:
                return ProtobufRequestReader.TryReadData(ref reader, type, ref request);
            case NameField or VersionField or SubscriptionsField or HeadersField:
                var details = request.Connect ?? new ConnectRequest();
                request = request with { Connect = details };
                return TryReadDetail(ref reader, field, type, details);
            case 7:
                return reader.TryReadNumber(type, out _);
            case 8 or 9:
                return reader.TryReadText(type, out _);
            default:
                return reader.TryPass(type);
        }
    }

    private static bool TryReadDetail(ref ProtobufReader reader, int field, WireType type, ConnectRequest details)
    {
        switch (field)
        {
            case NameField:
                var isName = reader.TryReadString(type, out var name);
                details.Name = name;
                return isName;
            case VersionField:
                var isVersion = reader.TryReadString(type, out var version);
                details.Version = version;
                return isVersion;
            case SubscriptionsField:
                return reader.TryReadBytes(type, out var subscription) && TryReadSubscription(subscription, details);
            default:
                return reader.TryReadBytes(type, out var header) && TryReadHeader(header, details);
        }
    }

    // The name in the map is the channel, whatever the request in it says.
    private static bool TryReadSubscription(ReadOnlyMemory<byte> entry, ConnectRequest details)
    {
        var subscribe = new Command(CommandKind.Subscribe, 0);
        var name = ReadOnlyMemory<byte>.Empty;
        var reader = new ProtobufReader(entry);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadTag(out var field, out var type))
            {
                return false;
            }

            var isRead = field switch
            {
                1 => reader.TryReadText(type, out name),
                2 => reader.TryReadBytes(type, out var request) && ProtobufRequestReader.TryRead(request, ref subscribe),
                _ => reader.TryPass(type),
            };
            if (!isRead)
            {
                return false;
            }
        }

        return details.TryAddSubscription(System.Text.Encoding.UTF8.GetString(name.Span), subscribe with { Channel = name });
    }

    private static bool TryReadHeader(ReadOnlyMemory<byte> entry, ConnectRequest details)
    {
        var (name, value) = ("", "");
        var reader = new ProtobufReader(entry);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadTag(out var field, out var type))
            {
                return false;
            }

            var isRead = field switch
            {
                1 => reader.TryReadString(type, out name),
                2 => reader.TryReadString(type, out value),
                _ => reader.TryPass(type),
            };
            if (!isRead)
            {
                return false;
            }
        }

        return details.TryAddHeader(name, value);
    }
}

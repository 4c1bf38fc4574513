namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Reads the Protobuf body of a request to <c>/emulation</c>: node = 1, session = 2, data = 3.</summary>
internal static class ProtobufEmulationReader
{
    public static bool TryRead(ReadOnlyMemory<byte> body, out EmulationRequest request)
    {
        request = new EmulationRequest("", "", default);
        return ProtobufReader.TryReadFields(body, ref request, TryReadField);
    }

    private static bool TryReadField(ref ProtobufReader reader, int field, WireType type, ref EmulationRequest request)
    {
        switch (field)
        {
            case 1:
                var isNode = reader.TryReadString(type, out var node);
                request = request with { Node = node };
                return isNode;
            case 2:
                var isSession = reader.TryReadString(type, out var session);
                request = request with { Session = session };
                return isSession;
            case 3:
                var isData = reader.TryReadBytes(type, out var data);
                request = request with { Data = data };
                return isData;
            default:
                return reader.TrySkip(type);
        }
    }
}

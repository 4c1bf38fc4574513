namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>The client protocol in Protobuf. docs/reference/protocol.md#protobuf</summary>
/// <remarks>
/// Written by hand: the messages are few and fixed, and generated code would allocate an object for each. Its replies and its pushes are in
/// files of their own. No payload is ever refused.
/// </remarks>
internal sealed partial class ProtobufCodec(bool arePushesBare) : MessageCodec
{
    /// <inheritdoc/>
    public override string Subprotocol => "centrifuge-protobuf";

    /// <inheritdoc/>
    public override bool IsBinary => true;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Ping => [0];

    /// <inheritdoc/>
    public override CommandRead ReadCommand(ref ReadOnlyMemory<byte> rest, out Command command)
    {
        command = default;
        if (rest.IsEmpty)
        {
            return CommandRead.End;
        }

        // A command has its length before it, as nested bytes have it.
        var reader = new ProtobufReader(rest);
        var isRead = reader.TryReadBytes(WireType.Length, out var message) && ProtobufCommandReader.TryRead(message, out command);
        rest = reader.Rest;
        return isRead ? CommandRead.Command : CommandRead.Malformed;
    }

    /// <inheritdoc/>
    public override bool TryReadConnectRequest(ReadOnlyMemory<byte> request, out Command command) =>
        ProtobufConnectReader.TryRead(request, out command);

    /// <inheritdoc/>
    public override bool TryReadEmulationRequest(ReadOnlyMemory<byte> body, out EmulationRequest request) =>
        ProtobufEmulationReader.TryRead(body, out request);

    /// <inheritdoc/>
    public override bool TryReadFilter(ReadOnlyMemory<byte> filter, out FilterNode node) =>
        ProtobufFilterReader.TryRead(filter, out node);
}

using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>The client protocol in Protobuf. docs/reference/protocol.md#protobuf</summary>
/// <remarks>
/// Written by hand: the messages are few and fixed, and generated code would allocate an object for each. Its replies and its pushes are in
/// files of their own. No payload is refused.
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
    public override bool TryReadCommand(ref ReadOnlyMemory<byte> rest, out Command command)
    {
        // A command has its length before it, as nested bytes have.
        var reader = new ProtobufReader(rest);
        var hasLength = reader.TryReadBytes(WireType.Length, out var message);
        rest = reader.Rest;
        return ProtobufCommandReader.TryRead(message, out command) && hasLength;
    }

    /// <inheritdoc/>
    public override bool TryReadConnect(ReadOnlyMemory<byte> request, out ConnectCommand connect)
    {
        connect = default;
        return ProtobufReader.TryReadFields(request, ref connect, ProtobufConnectReader.TryReadField);
    }

    /// <inheritdoc/>
    public override bool TryReadEmulationRequest(ReadOnlyMemory<byte> body, out EmulationRequest request) =>
        ProtobufEmulationReader.TryRead(body, out request);

    /// <inheritdoc/>
    public override bool TryReadFilter(ReadOnlyMemory<byte> filter, out FilterNode node) =>
        ProtobufFilterReader.TryRead(filter, out node);
}

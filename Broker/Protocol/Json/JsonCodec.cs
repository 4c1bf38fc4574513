namespace ClawEvents.Broker.Protocol.Json;

/// <summary>The client protocol in JSON. docs/reference/protocol.md#json</summary>
/// <remarks>Its replies and its pushes are in files of their own.</remarks>
internal sealed partial class JsonCodec(bool arePushesBare) : MessageCodec
{
    /// <inheritdoc/>
    public override string Subprotocol => "centrifuge-json";

    /// <inheritdoc/>
    public override bool IsBinary => false;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Ping => "{}"u8;

    /// <inheritdoc/>
    public override CommandRead ReadCommand(ref ReadOnlyMemory<byte> rest, out Command command)
    {
        command = default;
        return !MessageSplitter.TryNext(ref rest, out var json) ? CommandRead.End
            : JsonCommandReader.TryRead(json, out command) ? CommandRead.Command
            : CommandRead.Malformed;
    }

    /// <inheritdoc/>
    public override bool TryReadConnectRequest(ReadOnlyMemory<byte> request, out Command command) =>
        JsonReading.Try(JsonConnectReader.TryRead, request, out command);

    /// <inheritdoc/>
    public override bool TryReadEmulationRequest(ReadOnlyMemory<byte> body, out EmulationRequest request) =>
        JsonReading.Try(JsonEmulationReader.TryRead, body, out request);

    /// <inheritdoc/>
    public override bool TryReadFilter(ReadOnlyMemory<byte> filter, out FilterNode node) =>
        JsonReading.Try(JsonFilterReader.TryRead, filter, out node);
}

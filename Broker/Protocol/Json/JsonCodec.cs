using ClawEvents.Broker.Protocol.Commands;

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
    public override bool TryReadCommand(ref ReadOnlyMemory<byte> rest, out Command command) =>
        JsonCommandReader.TryRead(MessageSplitter.Next(ref rest), out command);

    /// <inheritdoc/>
    public override bool TryReadConnect(ReadOnlyMemory<byte> request, out ConnectCommand connect)
    {
        connect = default;
        return JsonReading.Try(JsonConnectReader.TryRead, request, ref connect);
    }

    /// <inheritdoc/>
    public override bool TryReadEmulationRequest(ReadOnlyMemory<byte> body, out EmulationRequest request)
    {
        request = new EmulationRequest("", "", default);
        return JsonReading.Try(JsonEmulationReader.TryRead, body, ref request);
    }

    /// <inheritdoc/>
    public override bool TryReadFilter(ReadOnlyMemory<byte> filter, out FilterNode node)
    {
        node = new FilterNode();
        return JsonReading.Try(JsonFilterReader.TryRead, filter, ref node);
    }
}

using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Server;

/// <summary>What a method returns, in no form yet: the door that the call came through writes it. Immutable.</summary>
internal abstract record ServerApiResult
{
    /// <summary>Writes one JSON object.</summary>
    public abstract void WriteJson(IBufferWriter<byte> output);
}

/// <summary>The result of a publish into a history.</summary>
internal sealed record PublishedResult(StreamPosition Position) : ServerApiResult
{
    // {"offset":N,"epoch":TEXT}
    /// <inheritdoc/>
    public override void WriteJson(IBufferWriter<byte> output)
    {
        var fields = new JsonObject(output);
        fields.Number("\"offset\":"u8, Position.Offset);
        fields.Text("\"epoch\":"u8, Position.Epoch);
        fields.End();
    }
}

/// <summary>One answer for each channel of a broadcast, in the order of the call.</summary>
internal sealed record BroadcastResult(IReadOnlyList<ServerApiAnswer> Answers) : ServerApiResult
{
    // {"responses":[{"result":{…}},{"error":{…}}]}
    /// <inheritdoc/>
    public override void WriteJson(IBufferWriter<byte> output)
    {
        output.Write("{\"responses\":["u8);
        for (var i = 0; i < Answers.Count; i++)
        {
            output.Write(i == 0 ? "{"u8 : ",{"u8);
            Answers[i].WriteNamed(output, "result");
            output.Write("}"u8);
        }

        output.Write("]}"u8);
    }
}

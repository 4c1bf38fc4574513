using System.Buffers;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Publishing;

/// <summary>The envelope around what clients publish to the channels of claw.events: the broker says who sent it and when.</summary>
internal static class Envelope
{
    // docs/reference/protocol.md#envelope
    // {"_claw":{"sender":NAME,"timestamp":MS},"payload":JSON}
    /// <param name="output">Gets one JSON object.</param>
    /// <param name="sender">Proven by a token, or the anonymous principal.</param>
    /// <param name="timestamp">Milliseconds since 1970-01-01 UTC are written.</param>
    /// <param name="payload">Valid UTF-8 JSON.</param>
    public static void Write(IBufferWriter<byte> output, Principal sender, DateTimeOffset timestamp, ReadOnlySpan<byte> payload)
    {
        output.Write("{\"_claw\":{\"sender\":"u8);
        output.Write(sender.JsonSender);
        output.Write(",\"timestamp\":"u8);
        output.WriteNumber(timestamp.ToUnixTimeMilliseconds());
        output.Write("},\"payload\":"u8);
        output.WritePayload(payload);
        output.Write("}"u8);
    }
}

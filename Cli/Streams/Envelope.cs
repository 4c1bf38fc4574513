using System.Buffers.Text;
using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

// {"_claw":{"sender":"…","timestamp":<ms>},"payload":<json>}
/// <summary>The parts of a publication's data. Spans of raw JSON; empty where there is none.</summary>
internal ref struct Envelope
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonText.MaxDepth };

    public ReadOnlySpan<byte> Sender;
    public ReadOnlySpan<byte> Timestamp;
    public ReadOnlySpan<byte> Payload;

    /// <summary>When it was sent, in Unix milliseconds; null without a time that is a whole number.</summary>
    public readonly long? Milliseconds => Utf8Parser.TryParse(Timestamp, out long at, out var length) && length == Timestamp.Length ? at : null;

    /// <summary>Data without <c>_claw</c>, or with nothing else, is the payload as a whole.</summary>
    public static Envelope Read(ReadOnlySpan<byte> data)
    {
        var envelope = default(Envelope);
        var bare = new Envelope { Payload = data };
        if (data.IsEmpty || data[0] != '{')
        {
            return bare;
        }

        var reader = new Utf8JsonReader(data, Options);
        var wrapped = false;
        JsonMembers.EnterObject(ref reader);
        while (JsonMembers.NextMember(ref reader))
        {
            var isClaw = reader.ValueTextEquals("_claw"u8);
            var isPayload = reader.ValueTextEquals("payload"u8);
            var value = JsonMembers.RawValue(ref reader, data);
            if (isClaw && value[0] == '{')
            {
                wrapped = true;
                envelope.ReadOrigin(value);
            }
            else if (isPayload)
            {
                envelope.Payload = value;
            }
        }
        if (!wrapped)
        {
            return bare;
        }
        if (envelope.Payload.IsEmpty)
        {
            envelope.Payload = data;
        }
        return envelope;
    }

    private void ReadOrigin(ReadOnlySpan<byte> claw)
    {
        var reader = new Utf8JsonReader(claw, Options);
        JsonMembers.EnterObject(ref reader);
        while (JsonMembers.NextMember(ref reader))
        {
            var isSender = reader.ValueTextEquals("sender"u8);
            var isTimestamp = reader.ValueTextEquals("timestamp"u8);
            var value = JsonMembers.RawValue(ref reader, claw);
            if (isSender && value[0] == '"')
            {
                Sender = value;
            }
            else if (isTimestamp && reader.TokenType is JsonTokenType.Number)
            {
                Timestamp = value;
            }
        }
    }
}

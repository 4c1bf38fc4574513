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
    /// <param name="data">JSON; empty if there is none.</param>
    public static Envelope Read(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return default;
        }
        var reader = new Utf8JsonReader(data, Options);
        return Read(ref reader, data);
    }

    /// <inheritdoc cref="Read(ReadOnlySpan{byte})"/>
    /// <summary>Reads the next value.</summary>
    /// <param name="reader">Reads <paramref name="line"/>; ends after the value.</param>
    /// <remarks>Hot path, once per publication: each token is read once.</remarks>
    public static Envelope Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        var envelope = default(Envelope);
        var wrapped = reader.TokenType is JsonTokenType.StartObject && envelope.ReadMembers(ref reader, line);
        reader.Skip();
        if (!wrapped)
        {
            envelope = default;
        }
        if (envelope.Payload.IsEmpty)
        {
            envelope.Payload = line[start..(int)reader.BytesConsumed];
        }
        return envelope;
    }

    // Whether it is an envelope.
    private bool ReadMembers(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        var wrapped = false;
        while (JsonMembers.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("_claw"u8))
            {
                wrapped |= ReadOrigin(ref reader, line);
            }
            else if (reader.ValueTextEquals("payload"u8))
            {
                Payload = JsonMembers.RawValue(ref reader, line);
            }
            else
            {
                JsonMembers.SkipValue(ref reader);
            }
        }
        return wrapped;
    }

    private bool ReadOrigin(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }
        while (JsonMembers.NextMember(ref reader))
        {
            var isSender = reader.ValueTextEquals("sender"u8);
            var isTimestamp = reader.ValueTextEquals("timestamp"u8);
            var value = JsonMembers.RawValue(ref reader, line);
            if (isSender && value[0] == '"')
            {
                Sender = value;
            }
            else if (isTimestamp && reader.TokenType is JsonTokenType.Number)
            {
                Timestamp = value;
            }
        }
        return true;
    }
}

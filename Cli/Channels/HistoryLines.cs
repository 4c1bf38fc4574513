using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Channels;

/// <summary>Gathers the publications of one channel: as lines for programs, or as a table for people.</summary>
/// <param name="write">Gets lines as they come; null to keep all for the table.</param>
internal sealed class HistoryLines(string channel, Action<ReadOnlyMemory<byte>>? write)
{
    private const int FlushedBytes = 64 * 1024;

    private readonly byte[] _channel = [.. "\""u8, .. JsonEncodedText.Encode(channel, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, .. "\""u8];
    private readonly ArrayBufferWriter<byte> _lines = new();

    public void Add(JsonElement publication)
    {
        HistoryEntry.WriteLine(publication, _channel, _lines);
        _lines.Write("\n"u8);
        if (write is not null && _lines.WrittenCount >= FlushedBytes)
        {
            Flush();
        }
    }

    /// <summary>Writes what has gathered.</summary>
    public void Flush()
    {
        write?.Invoke(_lines.WrittenMemory);
        _lines.ResetWrittenCount();
    }

    /// <summary>All publications as a result for people.</summary>
    public Success ToTable()
    {
        JsonElement[] messages = [.. Encoding.UTF8.GetString(_lines.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonText.TryParse(Encoding.UTF8.GetBytes(line))!.Value)];
        return new Success(messages.Length == 0 ? $"{channel} has no messages there" : $"Messages of {channel}: {messages.Length}")
        {
            Confirms = false,
            Data = messages.Length == 0 ? null : json =>
            {
                json.WriteStartArray("messages"u8);
                foreach (var message in messages)
                {
                    WriteRow(json, message);
                }
                json.WriteEndArray();
            },
        };
    }

    // A table shows no nested values: payloads are text there.
    private static void WriteRow(Utf8JsonWriter json, JsonElement message)
    {
        json.WriteStartObject();
        json.WriteMember("offset"u8, message.Member("offset"u8));
        json.WriteMember("timestamp"u8, message.Member("timestamp"u8));
        json.WriteMember("sender"u8, message.Member("sender"u8));
        json.WriteString("payload"u8, JsonText.Compact(message.GetProperty("payload"u8)));
        json.WriteEndObject();
    }
}

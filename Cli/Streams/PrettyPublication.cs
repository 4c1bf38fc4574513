using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

// 14:03:22  public.townsquare  alice
//   Hello, everybody
/// <summary>Formats a publication for people: time, channel and sender, and below them the text or the indented JSON.</summary>
internal sealed class PrettyPublication(TextStyle style, TimeZoneInfo zone)
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = JsonText.MaxDepth,
    };

    private readonly ArrayBufferWriter<byte> _line = new();

    /// <inheritdoc cref="WritePublication"/>
    public void Write(in Publication publication, long receivedAt, IBufferWriter<byte> output)
    {
        _line.ResetWrittenCount();
        PublicationLine.Write(publication, receivedAt, _line);
        // The data was parsed before, so it is valid JSON.
        var line = JsonText.TryParse(_line.WrittenMemory)!.Value;

        var text = new StringBuilder();
        text.Append(Clock(line.GetProperty("timestamp"u8))).Append("  ")
            .Append(style.Blue(Text(line.GetProperty("channel"u8)))).Append("  ")
            .Append(style.Bold(Text(line.GetProperty("sender"u8)))).Append('\n');
        foreach (var part in Text(line.GetProperty("payload"u8)).Split('\n'))
        {
            text.Append("  ").Append(part).Append('\n');
        }
        Encoding.UTF8.GetBytes(text.ToString(), output);
    }

    private string Clock(JsonElement timestamp)
    {
        // A sender may claim any number; years after 9999 cannot be shown.
        var known = timestamp.TryGetInt64(out var milliseconds)
            && milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.AddDays(-1).ToUnixTimeMilliseconds();
        return known
            ? TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture)
            : timestamp.GetRawText();
    }

    private static string Text(JsonElement value)
    {
        try
        {
            return PlainText.Of(value.ValueKind is JsonValueKind.String ? value.GetString()! : IndentedText(value));
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate, which JSON can spell ("\ud800") and text cannot contain: shown as spelled.
            return PlainText.Of(value.GetRawText());
        }
    }

    private static string IndentedText(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            value.WriteTo(json);
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

/// <summary>A line that the user has designed: text with names in braces, such as <c>{time} {sender}: {text}</c>. <c>{{</c> and <c>}}</c>
/// are braces; <c>\n</c>, <c>\t</c> and <c>\\</c> are what they are in C.</summary>
internal sealed class LineTemplate
{
    /// <summary>The names that a template may use, for people.</summary>
    public const string Names = "{channel} {sender} {payload} {text} {time} {timestamp} {offset}";

    private delegate void WritePart(in Publication publication, long sentAt, IBufferWriter<byte> output);

    private readonly List<WritePart> _parts = [];

    private LineTemplate()
    {
    }

    /// <returns>null if it names something else, or a brace is alone.</returns>
    public static LineTemplate? TryParse(string text)
    {
        var template = new LineTemplate();
        var words = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var next = i + 1 < text.Length ? text[i + 1] : '\0';
            if (text[i] is '{' or '}' && next == text[i])
            {
                words.Append(text[i++]);
            }
            else if (text[i] == '\\' && next is 'n' or 't' or '\\')
            {
                words.Append(next switch { 'n' => '\n', 't' => '\t', _ => '\\' });
                i++;
            }
            else if (text[i] is not ('{' or '}'))
            {
                words.Append(text[i]);
            }
            else if (text.IndexOf('}', i) is var end && (text[i] == '}' || end < 0 || !template.TryAdd(words, text[(i + 1)..end])))
            {
                return null;
            }
            else
            {
                i = end;
            }
        }
        template.AddWords(words.Append('\n'));
        return template;
    }

    /// <summary>How a message is written.</summary>
    /// <param name="terminal">Whether people read it: no text of a stranger may then move the cursor.</param>
    public WritePublication For(bool terminal) => (in Publication publication, long receivedAt, IBufferWriter<byte> output) =>
    {
        var line = terminal ? new ArrayBufferWriter<byte>() : output;
        var sentAt = publication.Envelope.Milliseconds ?? receivedAt;
        foreach (var part in _parts)
        {
            part(publication, sentAt, line);
        }
        if (line is ArrayBufferWriter<byte> collected)
        {
            Encoding.UTF8.GetBytes(PlainText.Of(Encoding.UTF8.GetString(collected.WrittenSpan)), output);
        }
    };

    private bool TryAdd(StringBuilder words, string name)
    {
        WritePart? part = name switch
        {
            "channel" => static (in publication, _, output) => WriteText(publication.Channel, output),
            "sender" => static (in publication, _, output) => WriteText(publication.Envelope.Sender.IsEmpty ? "unknown"u8 : publication.Envelope.Sender, output),
            "payload" => static (in publication, _, output) => output.Write(publication.Envelope.Payload.IsEmpty ? "null"u8 : publication.Envelope.Payload),
            "text" => static (in publication, _, output) => WriteText(publication.Envelope.Payload, output),
            "time" => static (in _, sentAt, output) => Timestamp.Write(sentAt, output),
            "timestamp" => static (in _, sentAt, output) => PublicationLine.WriteNumber(sentAt, output),
            "offset" => static (in publication, _, output) => PublicationLine.WriteNumber(publication.Offset, output),
            _ => null,
        };
        AddWords(words);
        if (part is not null)
        {
            _parts.Add(part);
        }
        return part is not null;
    }

    private void AddWords(StringBuilder words)
    {
        if (words.Length > 0)
        {
            var bytes = Encoding.UTF8.GetBytes(words.ToString());
            _parts.Add((in _, _, output) => output.Write(bytes));
            words.Clear();
        }
    }

    // A JSON text without its quotes and escapes; any other value as it is.
    private static void WriteText(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        if (json is not [(byte)'"', ..])
        {
            output.Write(json);
            return;
        }
        var reader = new Utf8JsonReader(json);
        reader.Read();
        try
        {
            var span = output.GetSpan(json.Length);
            output.Advance(reader.CopyString(span));
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate, which JSON can spell ("\ud800") and text cannot contain: shown as spelled.
            output.Write(json);
        }
    }
}

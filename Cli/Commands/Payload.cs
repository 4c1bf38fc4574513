using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Turns the words of a command line, or the bytes of stdin, into a payload: JSON if they parse as JSON, otherwise text.</summary>
internal static class Payload
{
    private static readonly JsonElement Null = JsonText.TryParse("null"u8.ToArray())!.Value;

    /// <summary>The error for input that is no text: no server accepts it, and text made of it would be something else.</summary>
    public static Failure? CheckText(ReadOnlySpan<byte> input) => Utf8.IsValid(input) && !input.Contains((byte)0)
        ? null
        : new Failure("The input is binary: it is not text in UTF-8", "Encode it, for example: base64 < file | claw.events pub <channel> -");

    /// <summary>Joins the words by spaces; no words, or only empty ones, give null.</summary>
    public static JsonElement FromWords(IEnumerable<string> words) => FromText(string.Join(' ', words));

    /// <summary>Reads the whole input as one payload; a final line end is not part of a text.</summary>
    /// <param name="input">UTF-8.</param>
    public static JsonElement FromInput(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        return FromText(text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text);
    }

    private static JsonElement FromText(string text)
    {
        if (text.Length == 0)
        {
            return Null;
        }
        return JsonText.TryParse(Encoding.UTF8.GetBytes(text)) ?? TextElement(text);
    }

    private static JsonElement TextElement(string text)
    {
        var wrapped = JsonText.TryParse(JsonText.Object(json => json.WriteString("text"u8, text)))!.Value;
        return wrapped.GetProperty("text"u8);
    }
}

using System.Text;
using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>What the words of a command line, or the bytes of stdin, mean as a payload: JSON first, else text.</summary>
internal static class Payload
{
    private static readonly JsonElement Null = JsonText.TryParse("null"u8.ToArray())!.Value;

    /// <summary>The words joined by a space; none, or nothing in them, is null.</summary>
    public static JsonElement FromWords(IEnumerable<string> words) => FromText(string.Join(' ', words));

    /// <summary>The whole input; its last line end belongs to the text only if it is JSON's, where it means nothing.</summary>
    /// <param name="input">UTF-8; bytes that are not become U+FFFD, because no server takes them.</param>
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

namespace ClawEvents.Cli.Output;

/// <summary>Text from strangers (descriptions, error bodies, close reasons) made safe for a terminal.</summary>
internal static class PlainText
{
    /// <summary><paramref name="text"/> with control characters replaced, so that no description can move the cursor, retitle
    /// the window or hide lines. Line ends stay, tabs become a space.</summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\u0000', '\u001f') && !text.AsSpan().ContainsAnyInRange('\u007f', '\u009f'))
        {
            return text;
        }
        return string.Create(text.Length, text, static (safe, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                safe[i] = source[i] switch
                {
                    '\n' => '\n',
                    '\t' or '\r' => ' ',
                    var other => char.IsControl(other) ? '\uFFFD' : other,
                };
            }
        });
    }
}

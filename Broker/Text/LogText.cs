namespace ClawEvents.Broker.Text;

/// <summary>Text of strangers for the log: names of users and channels must not look like another line, or fill the disk.</summary>
internal static class LogText
{
    /// <summary>The number of characters that are shown.</summary>
    public const int MaxLength = 200;

    // Some programs end a line at these, too.
    private const char LineSeparator = '\u2028';
    private const char ParagraphSeparator = '\u2029';

    /// <returns>The text itself if there is nothing to hide in it; otherwise its beginning, with question marks for control characters.</returns>
    public static string Of(string text)
    {
        if (text.Length <= MaxLength && !text.AsSpan().ContainsAnyControl())
        {
            return text;
        }

        return string.Create(Math.Min(text.Length, MaxLength), text, static (shown, text) =>
        {
            for (var i = 0; i < shown.Length; i++)
            {
                shown[i] = IsControl(text[i]) ? '?' : text[i];
            }
        });
    }

    private static bool ContainsAnyControl(this ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (IsControl(character))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsControl(char character) => char.IsControl(character) || character is LineSeparator or ParagraphSeparator;
}

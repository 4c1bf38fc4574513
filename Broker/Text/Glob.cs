using System.Text;
using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Text;

/// <summary>Patterns that match a whole text: <c>*</c> any text, <c>?</c> one character, <c>[a-z]</c> one of these, <c>[!a-z]</c> none of them, <c>{a,b}</c> either.</summary>
internal static class Glob
{
    /// <summary>A longer pattern is invalid: the compiled form grows with it.</summary>
    public const int MaxLength = 1024;

    /// <returns>An expression that takes time in proportion to the text, for any pattern and text: either may come from a stranger.</returns>
    /// <exception cref="ArgumentException">The pattern is invalid: see <see cref="IsPattern"/>.</exception>
    public static Regex Compile(string glob) => glob.Length <= MaxLength
        ? new(ToRegex(glob), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)
        : throw new ArgumentException("The pattern is too long.", nameof(glob));

    public static bool IsPattern(string glob)
    {
        try
        {
            Compile(glob);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            // Its regular expression is invalid, or could take too long.
            return false;
        }
    }

    private static string ToRegex(string glob)
    {
        var regex = new StringBuilder("^");
        var isInBraces = false;
        var isInBrackets = false;
        var last = '\0';
        foreach (var character in glob)
        {
            regex.Append(character switch
            {
                '[' => "[",
                ']' => "]",
                '!' when last is '[' => "^",
                _ when isInBrackets => character is '\\' or '^' ? $"\\{character}" : character.ToString(),
                '*' => ".*",
                '?' => ".",
                '{' => "(?:",
                '}' => ")",
                ',' when isInBraces => "|",
                _ => Regex.Escape(character.ToString()),
            });
            isInBrackets = character is '[' || (isInBrackets && character is not ']');
            isInBraces = character is '{' || (isInBraces && character is not '}');
            last = character;
        }

        return regex.Append('$').ToString();
    }
}

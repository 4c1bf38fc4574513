using System.Text;
using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Text;

/// <summary>Patterns over whole texts: <c>*</c> any text, <c>?</c> one character, <c>[a-z]</c> one of these, <c>[!a-z]</c> none of them, <c>{a,b}</c> either.</summary>
internal static class Glob
{
    /// <summary>A longer one is no pattern: what it is compiled to grows with it.</summary>
    public const int MaxLength = 1024;

    /// <returns>Takes time in proportion to the text, whatever pattern and text are: either may be a stranger's.</returns>
    /// <exception cref="ArgumentException">It is none: see <see cref="IsPattern"/>.</exception>
    public static Regex Compile(string glob) => glob.Length <= MaxLength
        ? new(ToRegex(glob), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)
        : throw new ArgumentException("A pattern that long is none.", nameof(glob));

    public static bool IsPattern(string glob)
    {
        try
        {
            Compile(glob);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            // The regular expression it stands for is none, or one that could take too long.
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

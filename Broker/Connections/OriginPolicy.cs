using System.Text;
using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Connections;

/// <summary>Decides which pages may open a WebSocket: browsers send their page's origin, other clients send none.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class OriginPolicy
{
    private readonly Regex[] _allowed;

    /// <param name="patterns">
    /// Globs over the whole lower-cased origin, <c>https://host:port</c>: <c>*</c> any text, <c>?</c> one character, <c>[a-z]</c> one of
    /// these, <c>{a,b}</c> either. Empty: only pages of the broker's own host.
    /// </param>
    public OriginPolicy(IEnumerable<string> patterns) =>

        // Without backtracking: the origin is a stranger's.
        _allowed = [.. patterns.Select(Compile)];

    /// <summary>Whether the text is a glob this class understands.</summary>
    public static bool IsPattern(string pattern)
    {
        try
        {
            Compile(pattern);
            return true;
        }
        catch (ArgumentException)
        {
            // The regular expression it stands for is none.
            return false;
        }
    }

    /// <summary>A request without an origin is always allowed: it comes from no page.</summary>
    /// <param name="origin">The <c>Origin</c> header.</param>
    /// <param name="host">The <c>Host</c> header.</param>
    public bool Allows(string? origin, string? host)
    {
        if (string.IsNullOrEmpty(origin))
        {
            return true;
        }

        var lowered = origin.ToLowerInvariant();
        return _allowed.Length == 0 ? IsSameHost(lowered, host) : _allowed.Any(pattern => pattern.IsMatch(lowered));
    }

    private static bool IsSameHost(string origin, string? host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && Uri.TryCreate($"{page.Scheme}://{host}", UriKind.Absolute, out var self)
        && page.Authority.Length > 0
        && page.Authority == self.Authority;

    private static Regex Compile(string glob) => new(ToRegex(glob), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static string ToRegex(string glob)
    {
        var regex = new StringBuilder("^");
        var isInBraces = false;
        var isInBrackets = false;
        foreach (var character in glob.ToLowerInvariant())
        {
            regex.Append(character switch
            {
                '[' => "[",
                ']' => "]",
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
        }

        return regex.Append('$').ToString();
    }
}

using System.Buffers;
using System.Globalization;
using System.Net;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads single settings; an empty one counts as not set.</summary>
/// <param name="fault">Receives each fault: the name of the setting, what is wrong, an example.</param>
internal sealed class SettingSource(IConfiguration configuration, Action<string, string, string> fault)
{
    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("/-_.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public string? Text(string name) => configuration[name] is { Length: > 0 } value ? value : null;

    public int Number(string name, int fallback, int least, int most)
    {
        var text = Text(name);
        if (text is null)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        fault(name, $"'{text}' is not a whole number from {least} to {most}", $"{fallback}");
        return fallback;
    }

    public bool Flag(string name, bool fallback = false)
    {
        var text = Text(name);
        if (text is not (null or "true" or "false"))
        {
            fault(name, $"'{text}' is neither true nor false", "true");
        }

        return text is null ? fallback : text is "true";
    }

    /// <summary>The address to listen on: <c>localhost</c>, an IP address, or <c>*</c>.</summary>
    public string? Host(string name)
    {
        // The parser would also accept a bare number as an address.
        var text = Text(name);
        if (text is null or "localhost" or "*" || (text.AsSpan().ContainsAny('.', ':') && IPAddress.TryParse(text, out _)))
        {
            return text;
        }

        fault(name, $"'{text}' is neither localhost, * (every interface) nor an IP address", "127.0.0.1");
        return null;
    }

    /// <summary>Globs, separated by blanks or semicolons; an invalid one is a fault and left out.</summary>
    public string[] Globs(string name, string example)
    {
        var patterns = (Text(name) ?? "").Split([' ', ';'], StringSplitOptions.RemoveEmptyEntries);
        foreach (var pattern in patterns.Where(pattern => !Glob.IsPattern(pattern)))
        {
            fault(name, $"'{pattern}' is not a pattern: a bracket or brace is unbalanced", example);
        }

        return [.. patterns.Where(Glob.IsPattern)];
    }

    /// <summary>A path on the broker's port; a trailing slash is ignored.</summary>
    public string Path(string name, string fallback)
    {
        var text = Text(name);
        if (text is null)
        {
            return fallback;
        }

        if (text.Length > 1 && text[0] == '/' && !text.AsSpan().ContainsAnyExcept(PathCharacters))
        {
            return text.TrimEnd('/') is { Length: > 0 } path ? path : fallback;
        }

        fault(name, $"'{text}' is not a path: a slash, then letters, digits, slashes or any of - _ .", fallback);
        return fallback;
    }
}

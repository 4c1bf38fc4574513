namespace ClawEvents.Broker.Configuration;

/// <summary>Tells groups of a pattern that match a list of texts from those that match texts of a form. Pure.</summary>
internal static class SpelledOutGroup
{
    /// <param name="pattern">A valid one.</param>
    /// <param name="name">Of a group in it.</param>
    /// <returns>True for <c>(?P&lt;NAME&gt;one|two\.three|fou(?:r|s))</c>; false if any part of the group is a class, a wildcard or repeated.</returns>
    public static bool Is(string pattern, string name)
    {
        var text = pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);
        var start = $"(?<{name}>";
        var at = text.IndexOf(start, StringComparison.Ordinal);

        // The other way to name a group is not looked for.
        var isSpelledOut = at >= 0 && !text.Contains("(?'", StringComparison.Ordinal);
        while (isSpelledOut && at >= 0)
        {
            isSpelledOut = IsSpelledOut(text.AsSpan(at + start.Length));
            at = text.IndexOf(start, at + 1, StringComparison.Ordinal);
        }

        return isSpelledOut;
    }

    /// <param name="rest">From behind the beginning of a group to the end of the pattern.</param>
    private static bool IsSpelledOut(ReadOnlySpan<char> rest)
    {
        var depth = 1;
        for (var i = 0; i < rest.Length; i++)
        {
            switch (rest[i])
            {
                case ')' when --depth == 0:
                    return i + 1 == rest.Length || rest[i + 1] is not ('*' or '+' or '?' or '{');
                case '(':
                    depth++;
                    i += rest[i..].StartsWith("(?:") ? 2 : 0;
                    break;
                case '\\' when i + 1 < rest.Length && !char.IsLetterOrDigit(rest[i + 1]):
                    i++;
                    break;
                case '\\' or '[' or '.' or '*' or '+' or '?' or '{' or '^' or '$':
                    return false;
            }
        }

        return false;
    }
}

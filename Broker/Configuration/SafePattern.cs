using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Configuration;

/// <summary>Parses a regular expression of the settings for the non-backtracking engine, because it is matched against text from strangers.</summary>
internal static class SafePattern
{
    /// <param name="text">A pattern, which may contain groups named as in Go: <c>(?P&lt;NAME&gt;…)</c>.</param>
    /// <param name="reason">The fault, if the result is null.</param>
    /// <returns>Null if it is invalid, or needs a backtracking engine.</returns>
    public static Regex? Parse(string text, out string reason)
    {
        try
        {
            reason = "";
            return new Regex(text.Replace("(?P<", "(?<", StringComparison.Ordinal), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            reason = exception.Message.TrimEnd('.');
            return null;
        }
    }
}

using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads a regular expression of the settings for the engine that cannot be made to hang: it is held against what strangers send.</summary>
internal static class SafePattern
{
    /// <param name="text">A pattern, also with groups that are named as in Go: <c>(?P&lt;NAME&gt;…)</c>.</param>
    /// <param name="reason">Why not.</param>
    /// <returns>Null when it is none, or one that only an engine that looks back can match.</returns>
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

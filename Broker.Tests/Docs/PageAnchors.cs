using System.Text;
using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>The anchors that GitHub gives to the headings of a page.</summary>
internal static partial class PageAnchors
{
    public static HashSet<string> Of(string markdown)
    {
        var anchors = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match heading in Headings().Matches(FencedCode().Replace(markdown, "")))
        {
            var anchor = AnchorOf(heading.Groups[1].Value);
            var unique = anchor;
            for (var i = 1; !anchors.Add(unique); i++)
            {
                unique = $"{anchor}-{i}";
            }
        }

        return anchors;
    }

    // The text of a link without its target, in lower case; letters, digits, hyphens and underscores stay, a space is a hyphen.
    private static string AnchorOf(string heading)
    {
        var anchor = new StringBuilder();
        foreach (var rune in LinkTargets().Replace(heading.Trim(), "$1").ToLowerInvariant().EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value is '-' or '_')
            {
                anchor.Append(rune);
            }
            else if (rune.Value is ' ')
            {
                anchor.Append('-');
            }
        }

        return anchor.ToString();
    }

    [GeneratedRegex(@"^#{1,6} +(.+?)(?: +#+)?$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencedCode();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkTargets();
}

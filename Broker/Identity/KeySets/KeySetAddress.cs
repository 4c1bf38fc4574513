using System.Buffers;
using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Identity.KeySets;

/// <summary>Where keys are published: one address, or one for each issuer or audience if it contains <c>{{NAME}}</c>.</summary>
/// <remarks>
/// The names are those of groups in the patterns that a token's issuer and audience have to match. The values come from a token that is not
/// verified yet: only values that can't change the rest of the address are accepted.
/// </remarks>
internal sealed partial record KeySetAddress
{
    private const int MaxValueLength = 255;

    private static readonly SearchValues<char> ValueCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    private readonly string _text;

    private KeySetAddress(string text) => _text = text;

    /// <summary>The names that need a value.</summary>
    public IReadOnlyList<string> Names => [.. Placeholders().Matches(_text).Select(NameOf)];

    /// <summary>Scheme, host and port; null when a value decides about them.</summary>
    public Uri? Origin =>
        _text.Split('/') is [var scheme, "", var host, ..] && !Placeholders().IsMatch(host) ? ToUri($"{scheme}//{host}/") : null;

    /// <returns>Null when it is not an http or https address.</returns>
    public static KeySetAddress? Parse(string text) => ToUri(Placeholders().Replace(text, "x")) is null ? null : new(text);

    /// <param name="values">By name.</param>
    /// <returns>Null when a value is missing or not allowed in an address.</returns>
    public Uri? Fill(IReadOnlyDictionary<string, string> values) =>
        Names.All(name => values.TryGetValue(name, out var value) && IsAllowedInAddress(value))
            ? ToUri(Placeholders().Replace(_text, match => values[NameOf(match)]))
            : null;

    // Dots alone would lead out of their folder.
    private static bool IsAllowedInAddress(string value) =>
        value.Length <= MaxValueLength && !value.AsSpan().ContainsAnyExcept(ValueCharacters) && value.AsSpan().ContainsAnyExcept('.');

    private static string NameOf(Match placeholder) => placeholder.Groups[1].Value;

    private static Uri? ToUri(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp) ? address : null;

    // {{realm}}
    [GeneratedRegex(@"\{\{\s*(\w+)\s*\}\}")]
    private static partial Regex Placeholders();
}

using System.Buffers;
using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Identity.KeySets;

/// <summary>Where keys are published: one address, or with <c>{{NAME}}</c> in it one for each issuer or audience.</summary>
/// <remarks>
/// The names are those of groups in the patterns that a token's issuer and audience have to match. What stands in their place comes from a
/// token that nobody has verified yet: only what can neither leave its place in the address nor change the rest of it gets in.
/// </remarks>
internal sealed partial record KeySetAddress
{
    private const int MaxValueLength = 255;

    private static readonly SearchValues<char> ValueCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    private readonly string _text;

    private KeySetAddress(string text) => _text = text;

    /// <summary>What has to be filled in.</summary>
    public IReadOnlyList<string> Names => [.. Placeholders().Matches(_text).Select(NameOf)];

    /// <returns>Null when it is no http or https address.</returns>
    public static KeySetAddress? Parse(string text) => ToUri(Placeholders().Replace(text, "x")) is null ? null : new(text);

    /// <param name="values">By name.</param>
    /// <returns>Null when a value is missing, or is none that may stand in an address.</returns>
    public Uri? Fill(IReadOnlyDictionary<string, string> values) =>
        Names.All(name => values.TryGetValue(name, out var value) && MayStandInAddress(value))
            ? ToUri(Placeholders().Replace(_text, match => values[NameOf(match)]))
            : null;

    // Dots alone would lead out of their folder.
    private static bool MayStandInAddress(string value) =>
        value.Length <= MaxValueLength && !value.AsSpan().ContainsAnyExcept(ValueCharacters) && value.AsSpan().ContainsAnyExcept('.');

    private static string NameOf(Match placeholder) => placeholder.Groups[1].Value;

    private static Uri? ToUri(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp) ? address : null;

    // {{realm}}
    [GeneratedRegex(@"\{\{\s*(\w+)\s*\}\}")]
    private static partial Regex Placeholders();
}

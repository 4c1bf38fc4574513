using System.Globalization;

namespace ClawEvents.Broker.Protocol;

/// <summary>Selects publications by their tags. docs/reference/protocol.md#tag-filters</summary>
/// <remarks>Immutable and thread-safe. Hot path: once per subscriber that has one and publication. No allocation.</remarks>
internal abstract class TagFilter
{
    private delegate bool Comparison(string? tag, string value);

    // A missing tag is null.
    private static readonly Dictionary<string, Comparison> Comparisons = new(StringComparer.Ordinal)
    {
        ["eq"] = (tag, value) => tag == value,
        ["neq"] = (tag, value) => tag != value,
        ["ex"] = (tag, _) => tag is not null,
        ["nex"] = (tag, _) => tag is null,
        ["sw"] = (tag, value) => tag is not null && tag.StartsWith(value, StringComparison.Ordinal),
        ["ew"] = (tag, value) => tag is not null && tag.EndsWith(value, StringComparison.Ordinal),
        ["ct"] = (tag, value) => tag is not null && tag.Contains(value, StringComparison.Ordinal),
    };

    private static readonly Dictionary<string, Func<int, bool>> Orders = new(StringComparer.Ordinal)
    {
        ["lt"] = order => order < 0,
        ["lte"] = order => order <= 0,
        ["gt"] = order => order > 0,
        ["gte"] = order => order >= 0,
    };

    /// <param name="tags">Of a publication; null for none.</param>
    public abstract bool Matches(IReadOnlyDictionary<string, string>? tags);

    /// <returns>Null when the filter is invalid: an unknown operation or comparison, a missing key, value or node, or too many nodes.</returns>
    public static TagFilter? Of(FilterNode node) => node.Operation switch
    {
        "" => OfLeaf(node),
        "not" when node.Nodes is [var only] && Of(only) is { } filter => new Negation(filter),
        "and" or "or" when node.Nodes.Count > 0 && node.Nodes.Select(Of).ToArray() is var parts && parts.All(part => part is not null) =>
            new Junction(parts!, whenAll: node.Operation is "and"),
        _ => null,
    };

    private static TagFilter? OfLeaf(FilterNode node) =>
        node.Key.Length == 0 || node.Nodes.Count > 0 ? null
        : node.Comparison is "in" or "nin" ? node.Values.Count > 0 ? new Membership(node.Key, [.. node.Values], wanted: node.Comparison is "in") : null
        : Comparisons.TryGetValue(node.Comparison, out var comparison) ? new Leaf(node.Key, node.Value, comparison)
        : Orders.TryGetValue(node.Comparison, out var isWanted) && TryParse(node.Value, out var number) ? new Order(node.Key, number, isWanted)
        : null;

    private static string? TagOf(IReadOnlyDictionary<string, string>? tags, string key) => tags is not null && tags.TryGetValue(key, out var tag) ? tag : null;

    private static bool TryParse(string text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    private sealed class Leaf(string key, string value, Comparison comparison) : TagFilter
    {
        public override bool Matches(IReadOnlyDictionary<string, string>? tags) => comparison(TagOf(tags, key), value);
    }

    private sealed class Membership(string key, HashSet<string> values, bool wanted) : TagFilter
    {
        public override bool Matches(IReadOnlyDictionary<string, string>? tags) => (TagOf(tags, key) is { } tag && values.Contains(tag)) == wanted;
    }

    // A tag that is not a decimal number is neither less nor greater than one.
    private sealed class Order(string key, decimal value, Func<int, bool> isWanted) : TagFilter
    {
        public override bool Matches(IReadOnlyDictionary<string, string>? tags) =>
            TagOf(tags, key) is { } tag && TryParse(tag, out var number) && isWanted(number.CompareTo(value));
    }

    private sealed class Negation(TagFilter filter) : TagFilter
    {
        public override bool Matches(IReadOnlyDictionary<string, string>? tags) => !filter.Matches(tags);
    }

    private sealed class Junction(TagFilter[] parts, bool whenAll) : TagFilter
    {
        public override bool Matches(IReadOnlyDictionary<string, string>? tags)
        {
            foreach (var part in parts)
            {
                if (part.Matches(tags) != whenAll)
                {
                    return !whenAll;
                }
            }

            return whenAll;
        }
    }
}

using System.Globalization;
using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>Resolves a <c>$ref</c> within one schema document. Nothing is read from elsewhere; URIs are only compared.</summary>
internal sealed class SchemaDocument
{
    /// <summary>The base URI of a document without <c>$id</c>.</summary>
    public static readonly Uri Root = new("schema://document/");

    /// <summary>All schemas with an <c>$id</c>, by absolute URI.</summary>
    private readonly Dictionary<string, (JsonElement Schema, Uri Base)> _identified = new(StringComparer.Ordinal);

    public SchemaDocument(JsonElement root)
    {
        _identified[Root.AbsoluteUri] = (root, Root);
        var waiting = new Stack<(JsonElement Value, Uri Base)>([(root, Root)]);
        while (waiting.TryPop(out var next))
        {
            var within = Identify(next.Value, next.Base);
            foreach (var child in ChildrenOf(next.Value))
            {
                waiting.Push((child, within));
            }
        }
    }

    /// <summary>The base URI of references within a schema.</summary>
    public static Uri BaseWithin(JsonElement schema, Uri outer) =>
        IdOf(schema) is { } id && !id.StartsWith('#') && Uri.TryCreate(outer, id, out var inner) ? inner : outer;

    /// <param name="reference">Not trusted.</param>
    /// <param name="within">Its base URI.</param>
    /// <returns>Null if it leads to nothing in the document.</returns>
    public SchemaPlace? Find(string reference, Uri within)
    {
        var mark = reference.IndexOf('#', StringComparison.Ordinal);
        var fragment = mark < 0 ? "" : reference[(mark + 1)..];
        var address = mark < 0 ? reference : reference[..mark];
        if (!Uri.TryCreate(within, address, out var target))
        {
            return null;
        }

        var resource = WithoutFragment(address.Length > 0 ? target : within);
        var key = $"{resource}#{fragment}";
        if (fragment.Length > 0 && fragment[0] != '/')
        {
            return _identified.TryGetValue(key, out var anchored) ? new SchemaPlace(key, anchored.Schema, anchored.Base) : null;
        }

        return _identified.TryGetValue(resource, out var found) ? Follow(key, found, fragment) : null;
    }

    /// <summary>Follows a JSON pointer.</summary>
    private static SchemaPlace? Follow(string key, (JsonElement Schema, Uri Base) start, string pointer)
    {
        var (value, within) = start;
        foreach (var part in Uri.UnescapeDataString(pointer).Split('/').Skip(1))
        {
            within = BaseWithin(value, within);
            if (!TryStep(ref value, part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
            {
                return null;
            }
        }

        return new SchemaPlace(key, value, within);
    }

    private static bool TryStep(ref JsonElement value, string name)
    {
        if (value.ValueKind is JsonValueKind.Array
            && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < value.GetArrayLength())
        {
            value = value[index];
            return true;
        }

        return value.ValueKind is JsonValueKind.Object && value.TryGetProperty(name, out value);
    }

    private Uri Identify(JsonElement value, Uri outer)
    {
        if (IdOf(value) is not { } id || !Uri.TryCreate(outer, id, out var own))
        {
            return outer;
        }

        // If two have the same name, the first one found counts.
        _identified.TryAdd(id.StartsWith('#') ? WithoutFragment(outer) + id : WithoutFragment(own), (value, outer));
        return BaseWithin(value, outer);
    }

    private static string? IdOf(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object && value.TryGetProperty("$id", out var id) && id.ValueKind is JsonValueKind.String
            ? id.GetString()
            : null;

    /// <summary>All values except those of <c>enum</c> and <c>const</c>, which are not schemas.</summary>
    private static IEnumerable<JsonElement> ChildrenOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject()
            .Where(field => !field.NameEquals("const") && !(field.NameEquals("enum") && field.Value.ValueKind is JsonValueKind.Array))
            .Select(field => field.Value),
        JsonValueKind.Array => value.EnumerateArray(),
        _ => [],
    };

    private static string WithoutFragment(Uri uri) => uri.AbsoluteUri.Split('#')[0];
}

using System.Text.Json;

namespace ClawEvents.Broker.Proxies;

/// <summary>Reads fields that only back ends write. <see cref="Identity.Tokens.TokenClaims"/> reads those that tokens have as well.</summary>
internal static class ProxyFields
{
    /// <param name="answer">An object.</param>
    /// <param name="flag">False when it is absent or null.</param>
    public static bool TryGetFlag(this JsonElement answer, string name, out bool flag)
    {
        var kind = answer.TryGetProperty(name, out var value) ? value.ValueKind : JsonValueKind.Null;
        flag = kind is JsonValueKind.True;
        return kind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null;
    }

    /// <param name="answer">An object.</param>
    /// <param name="number">0 when it is absent or null.</param>
    public static bool TryGetWhole(this JsonElement answer, string name, out ulong number)
    {
        number = 0;
        return !answer.TryGetProperty(name, out var value)
            || value.ValueKind is JsonValueKind.Null
            || (value.ValueKind is JsonValueKind.Number && value.TryGetUInt64(out number));
    }

    /// <param name="answer">An object.</param>
    /// <param name="number">0 when it is absent or null.</param>
    public static bool TryGetNumber(this JsonElement answer, string name, out long number)
    {
        number = 0;
        return !answer.TryGetProperty(name, out var value)
            || value.ValueKind is JsonValueKind.Null
            || (value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out number));
    }

    /// <param name="answer">An object with <c>tags</c>, an object of texts.</param>
    /// <param name="tags">Null when they are absent or null.</param>
    public static bool TryGetTags(this JsonElement answer, out IReadOnlyDictionary<string, string>? tags)
    {
        tags = null;
        if (!answer.TryGetProperty("tags", out var written) || written.ValueKind is JsonValueKind.Null)
        {
            return true;
        }

        if (written.ValueKind is not JsonValueKind.Object || written.EnumerateObject().Any(tag => tag.Value.ValueKind is not JsonValueKind.String))
        {
            return false;
        }

        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in written.EnumerateObject())
        {
            read[tag.Name] = tag.Value.GetString()!;
        }

        tags = read.Count > 0 ? read : null;
        return true;
    }
}

using System.Text.Json;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Reads subscriptions from the JSON of tokens and proxies.</summary>
internal static class SubscriptionGrants
{
    /// <summary>A token of the allowed length cannot hold more, and no connection may have as many.</summary>
    public const int MaxGrants = 4096;

    /// <param name="claims">An object with <c>subs</c> (<c>{CHANNEL:{…}}</c>), or else <c>channels</c> (names), or neither.</param>
    /// <param name="grants">In the order of the JSON.</param>
    /// <returns>False when either has the wrong type.</returns>
    public static bool TryRead(JsonElement claims, out IReadOnlyList<AllowedSubscription> grants)
    {
        grants = [];
        return claims.TryGetProperty("subs", out var subs) && subs.ValueKind is not JsonValueKind.Null ? TryReadSubs(subs, ref grants)
            : !claims.TryGetProperty("channels", out var channels) || channels.ValueKind is JsonValueKind.Null || TryReadChannels(channels, ref grants);
    }

    /// <param name="options">An object with <c>info</c>, <c>data</c> (or their <c>b64…</c>), <c>override</c>, and <c>expire_at</c> (or a token's <c>exp</c>).</param>
    public static bool TryReadOne(JsonElement options, string channel, out AllowedSubscription grant)
    {
        grant = new AllowedSubscription(channel);
        if (options.ValueKind is JsonValueKind.Null)
        {
            return true;
        }

        if (options.ValueKind is not JsonValueKind.Object
            || !options.TryGetBytes("info", out var info)
            || !options.TryGetBytes("data", out var data)
            || !options.TryGetEnd(out var end)
            || !TryReadOverrides(options, out var overrides))
        {
            return false;
        }

        grant = new AllowedSubscription(channel, info, data, overrides) { ExpiresAt = end };
        return true;
    }

    private static bool TryReadSubs(JsonElement subs, ref IReadOnlyList<AllowedSubscription> grants)
    {
        var read = new List<AllowedSubscription>();
        if (subs.ValueKind is not JsonValueKind.Object)
        {
            return false;
        }

        foreach (var sub in subs.EnumerateObject())
        {
            if (read.Count == MaxGrants || !TryReadOne(sub.Value, sub.Name, out var grant))
            {
                return false;
            }

            read.Add(grant);
        }

        grants = read;
        return true;
    }

    private static bool TryReadChannels(JsonElement channels, ref IReadOnlyList<AllowedSubscription> grants)
    {
        if (channels.ValueKind is not JsonValueKind.Array
            || channels.GetArrayLength() > MaxGrants
            || channels.EnumerateArray().Any(channel => channel.ValueKind is not JsonValueKind.String))
        {
            return false;
        }

        grants = [.. channels.EnumerateArray().Select(channel => new AllowedSubscription(channel.GetString()!))];
        return true;
    }

    /// <param name="options">An object with <c>override</c>, <c>{OPTION:{"value":BOOL}}</c>, or without.</param>
    public static bool TryReadOverrides(JsonElement options, out OptionOverrides overrides)
    {
        overrides = default;
        if (!options.TryGetProperty("override", out var written) || written.ValueKind is JsonValueKind.Null)
        {
            return true;
        }

        if (written.ValueKind is not JsonValueKind.Object)
        {
            return false;
        }

        overrides = new OptionOverrides(
            Flag(written, "presence"), Flag(written, "join_leave"), Flag(written, "force_push_join_leave"), Flag(written, "force_recovery"), Flag(written, "force_positioning"));
        return true;
    }

    // {"value":BOOL}; anything else leaves the option unchanged.
    private static bool? Flag(JsonElement overrides, string name) =>
        overrides.TryGetProperty(name, out var option)
        && option.ValueKind is JsonValueKind.Object
        && option.TryGetProperty("value", out var value)
        && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.ValueKind is JsonValueKind.True
            : null;
}

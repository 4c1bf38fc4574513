using System.Text;
using System.Text.Json;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Reads the claims that tokens of connections and of subscriptions share.</summary>
/// <remarks>Each returns false for a claim of the wrong type, which makes the whole token invalid.</remarks>
internal static class TokenClaims
{
    /// <param name="claims">An object.</param>
    /// <param name="text">Empty when it is absent or null.</param>
    public static bool TryGetText(this JsonElement claims, string name, out string text)
    {
        text = "";
        if (!claims.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null)
        {
            return true;
        }

        text = value.ValueKind is JsonValueKind.String ? value.GetString()! : "";
        return value.ValueKind is JsonValueKind.String;
    }

    /// <param name="claims">An object.</param>
    /// <param name="name">The claim with JSON in it; the claim <c>b64NAME</c> with base64 of any bytes takes precedence.</param>
    /// <param name="bytes">Empty when both are absent.</param>
    public static bool TryGetBytes(this JsonElement claims, string name, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (!claims.TryGetText($"b64{name}", out var base64))
        {
            return false;
        }

        if (base64.Length == 0)
        {
            bytes = claims.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? Encoding.UTF8.GetBytes(value.GetRawText()) : default;
            return true;
        }

        var decoded = new byte[base64.Length];
        var isBase64 = Convert.TryFromBase64String(base64, decoded, out var length);
        bytes = decoded.AsMemory(0, length);
        return isBase64;
    }

    /// <summary>The end of what the token allows: <c>expire_at</c> (0: never) if present, or else <c>exp</c>; without both, never.</summary>
    public static bool TryGetEnd(this JsonElement claims, out DateTimeOffset end)
    {
        end = DateTimeOffset.MaxValue;
        return !claims.TryGetProperty("expire_at", out var expireAt) || expireAt.ValueKind is JsonValueKind.Null
            ? !claims.TryGetProperty("exp", out var exp) || TryGetMoment(exp, ref end)
            : expireAt.ValueKind is JsonValueKind.Number && ((expireAt.TryGetInt64(out var seconds) && seconds == 0) || TryGetMoment(expireAt, ref end));
    }

    /// <summary>The time of issue, <c>iat</c>, in Unix seconds; 0 when it is absent or not a number.</summary>
    public static long GetIssuedAt(this JsonElement claims) =>
        claims.TryGetProperty("iat", out var iat) && iat.ValueKind is JsonValueKind.Number && iat.TryGetDouble(out var seconds) ? (long)seconds : 0;

    /// <summary>Whether the token is an agent's or an app's key, which has to be the live one.</summary>
    public static bool IsApiKey(this JsonElement claims) =>
        claims.TryGetProperty(TokenIssuer.TypeClaim, out var type)
        && type.ValueKind is JsonValueKind.String
        && (type.ValueEquals(TokenIssuer.ApiKeyType) || type.ValueEquals(TokenIssuer.AppKeyType));

    /// <param name="seconds">Since 1970, not negative; too large for a date: never.</param>
    public static DateTimeOffset MomentOf(double seconds)
    {
        // 9999-12-31T23:59:59Z, the last second of DateTimeOffset.
        const double latest = 253_402_300_799;
        return seconds >= latest ? DateTimeOffset.MaxValue : DateTimeOffset.UnixEpoch.AddSeconds(seconds);
    }

    private static bool TryGetMoment(JsonElement value, ref DateTimeOffset moment)
    {
        if (value.ValueKind is not JsonValueKind.Number || !value.TryGetDouble(out var seconds) || seconds < 0)
        {
            return false;
        }

        moment = MomentOf(seconds);
        return true;
    }
}

using System.Buffers.Text;
using System.Security.Cryptography;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Support.Tokens;

/// <summary>Tokens made by hand (RFC 7515): also ones that no library would make.</summary>
internal static class TestToken
{
    public const string Secret = "a secret of thirty-two bytes, or more";

    /// <summary>An HS256 token with these claims, as JSON.</summary>
    public static string Of(string claims, string secret = Secret) =>
        Sign("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", claims, input => HMACSHA256.HashData(secret.Utf8(), input));

    /// <summary>A token with any header, signed by any means.</summary>
    public static string Sign(string header, string claims, Func<byte[], byte[]> sign)
    {
        var input = $"{Base64Url.EncodeToString(header.Utf8())}.{Base64Url.EncodeToString(claims.Utf8())}";
        return $"{input}.{Base64Url.EncodeToString(sign(input.Utf8()))}";
    }

    /// <summary>Seconds since 1970 of a moment this far from the start of the manual clock.</summary>
    public static long Seconds(double fromStart) => ManualTimeProvider.Start.AddSeconds(fromStart).ToUnixTimeSeconds();
}

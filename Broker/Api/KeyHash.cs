using System.Security.Cryptography;
using System.Text;

namespace ClawEvents.Broker.Api;

/// <summary>The hash of a key or password: comparing hashes takes the same time for every length.</summary>
internal static class KeyHash
{
    public static byte[] Of(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <returns>Null when no key is configured.</returns>
    public static byte[]? OfSetting(string? key) => key is null ? null : Of(key);

    /// <summary>Whether the key that was given is the one with this hash, in constant time.</summary>
    public static bool IsOf(byte[] hash, string given) => CryptographicOperations.FixedTimeEquals(Of(given), hash);
}

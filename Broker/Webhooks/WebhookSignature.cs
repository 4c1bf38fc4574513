using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ClawEvents.Broker.Webhooks;

/// <summary>Secrets and signatures of deliveries, as the specification of Standard Webhooks has them (standardwebhooks.com). Pure.</summary>
internal static class WebhookSignature
{
    public const string SecretPrefix = "whsec_";

    // The specification: 24 to 64 bytes.
    private const int SecretBytes = 32;

    /// <summary>A new secret: <c>whsec_</c> and base64.</summary>
    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>Signs one attempt: <c>v1,</c> and the HMAC-SHA256, in base64, of id, time and body, joined by dots.</summary>
    /// <param name="secret">As <see cref="NewSecret"/> makes it.</param>
    /// <param name="unixSeconds">Of the attempt: receivers refuse old ones, which may have been recorded.</param>
    public static string Sign(string secret, string id, long unixSeconds, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Convert.FromBase64String(secret[SecretPrefix.Length..]));
        hmac.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{unixSeconds}.")));
        hmac.AppendData(body);
        return $"v1,{Convert.ToBase64String(hmac.GetHashAndReset())}";
    }
}

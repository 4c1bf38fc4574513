using System.Numerics;
using System.Security.Cryptography;
using ClawEvents.Broker.Identity.Edwards;

namespace ClawEvents.Broker.Tests.Support.Tokens;

/// <summary>Signs as RFC 8032, section 5.1.6, with the key of its first example.</summary>
internal static class Ed25519Signer
{
    private static readonly BigInteger Order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);
    private static readonly byte[] Secret = Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

    public static byte[] PublicKey { get; } = Times(Scalar());

    public static byte[] Sign(byte[] message)
    {
        var nonce = Number([.. SHA512.HashData(Secret).AsSpan(32), .. message]);
        var point = Times(nonce);
        var number = (nonce + (Number([.. point, .. PublicKey, .. message]) * Scalar())) % Order;
        return [.. point, .. Bytes(number)];
    }

    private static BigInteger Scalar()
    {
        var half = SHA512.HashData(Secret)[..32];
        half[0] &= 248;
        half[31] = (byte)((half[31] & 127) | 64);
        return new BigInteger(half, isUnsigned: true);
    }

    private static BigInteger Number(byte[] hashed) => new BigInteger(SHA512.HashData(hashed), isUnsigned: true) % Order;

    private static byte[] Times(BigInteger scalar) => EdwardsPoint.Combine(Bytes(scalar % Order), EdwardsPoint.Base, new byte[32], EdwardsPoint.Neutral).Encode();

    private static byte[] Bytes(BigInteger number)
    {
        var bytes = new byte[32];
        number.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }
}

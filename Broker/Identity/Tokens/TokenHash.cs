using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>SHA-256 of a token, to find it by.</summary>
internal readonly record struct TokenHash(UInt128 High, UInt128 Low)
{
    /// <summary>The broker's own tokens have about 250 bytes. Longer ones than this are not worth keeping.</summary>
    public const int MaxTokenBytes = 4096;

    /// <returns>Null when the token is longer than <see cref="MaxTokenBytes"/>, or not ASCII.</returns>
    public static TokenHash? Of(ReadOnlySpan<char> token)
    {
        if (token.Length > MaxTokenBytes)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[token.Length];
        if (Ascii.FromUtf16(token, bytes, out _) is not OperationStatus.Done)
        {
            return null;
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return new(BinaryPrimitives.ReadUInt128BigEndian(digest), BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
    }
}

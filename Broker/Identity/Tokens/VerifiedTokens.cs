using System.Security.Cryptography;
using System.Text;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>A token whose signature and claims are right; whether it is its time, and a key still the live one, is asked each time.</summary>
/// <param name="Hash">What <see cref="TokenIssuer.HashOf"/> makes of it.</param>
/// <param name="Principal">Who it proves.</param>
/// <param name="NotBefore">When it begins.</param>
/// <param name="ExpiresAt">When it ends; <see cref="DateTimeOffset.MaxValue"/> when it never does.</param>
/// <param name="IsKey">Whether it must be its principal's live key.</param>
internal sealed record VerifiedToken(string Hash, Principal Principal, DateTimeOffset NotBefore, DateTimeOffset ExpiresAt, bool IsKey);

/// <summary>The tokens that were verified lately: who publishes, publishes again.</summary>
/// <remarks>
/// DESIGN. A direct-mapped table, as in ChannelNames: it never grows, a slot is one reference, read and written without a gate, and a
/// collision only costs a new verification. It is looked up by the token's SHA-256, so it holds no token that a memory dump would
/// give away, and the time of a comparison tells nothing of one. Only what was rightly signed gets in.
/// </remarks>
internal sealed class VerifiedTokens
{
    /// <summary>Length of a hash in bytes.</summary>
    public const int HashBytes = SHA256.HashSizeInBytes;

    // About 3 MB when full.
    private const int Slots = 4096;

    private readonly Entry?[] _recent = new Entry?[Slots];

    /// <summary>Hashes a token for the two methods below.</summary>
    /// <param name="token">At most <see cref="TokenVerifier.MaxTokenBytes"/> characters.</param>
    /// <param name="hash">Gets <see cref="HashBytes"/>.</param>
    /// <returns>False when it is not ASCII: no token of ours.</returns>
    public static bool TryHash(ReadOnlySpan<char> token, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[token.Length];
        return Ascii.FromUtf16(token, bytes, out _) is System.Buffers.OperationStatus.Done && SHA256.TryHashData(bytes, hash, out _);
    }

    /// <remarks>Thread-safe. Hot path: allocates nothing.</remarks>
    public VerifiedToken? Find(ReadOnlySpan<byte> hash) =>
        Volatile.Read(ref _recent[SlotOf(hash)]) is { } entry && hash.SequenceEqual(entry.Hash) ? entry.Token : null;

    public void Keep(byte[] hash, VerifiedToken token) => Volatile.Write(ref _recent[SlotOf(hash)], new Entry(hash, token));

    private static int SlotOf(ReadOnlySpan<byte> hash) => BitConverter.ToUInt16(hash) & (Slots - 1);

    private sealed record Entry(byte[] Hash, VerifiedToken Token);
}

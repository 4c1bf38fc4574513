namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>The tokens that were verified recently: a client that sends a token usually sends it again.</summary>
/// <remarks>
/// DESIGN. A direct-mapped table, as in ChannelNames: it never grows, a slot is one reference that is read and written without a gate, and a
/// collision only costs another verification. Tokens are found by their SHA-256: the table holds no token that a memory dump would reveal,
/// and the time a comparison takes says nothing about one. Only correctly signed tokens get in, and none longer than
/// <see cref="TokenHash.MaxTokenBytes"/>.
/// </remarks>
internal sealed class VerifiedTokens<T>
{
    // About 2 MB when full of the broker's own tokens.
    private const int Slots = 4096;

    private readonly Entry?[] _recent = new Entry?[Slots];

    /// <remarks>Thread-safe. Hot path: allocates nothing.</remarks>
    public VerifiedToken<T>? Find(in TokenHash hash) =>
        Volatile.Read(ref _recent[SlotOf(hash)]) is { } entry && entry.Hash == hash ? entry.Token : null;

    public void Keep(in TokenHash hash, VerifiedToken<T> token) => Volatile.Write(ref _recent[SlotOf(hash)], new Entry(hash, token));

    /// <summary>Frees the token's slot, unless another token has it by now.</summary>
    public void Remove(in TokenHash hash, VerifiedToken<T> token)
    {
        ref var slot = ref _recent[SlotOf(hash)];
        if (Volatile.Read(ref slot) is { } entry && entry.Token == token)
        {
            Interlocked.CompareExchange(ref slot, null, entry);
        }
    }

    private static int SlotOf(in TokenHash hash) => (int)(hash.Low & (Slots - 1));

    private sealed record Entry(TokenHash Hash, VerifiedToken<T> Token);
}

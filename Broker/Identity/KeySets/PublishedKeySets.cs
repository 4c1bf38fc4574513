using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.KeySets;

/// <summary>The key sets of one <see cref="KeySetAddress"/>, one for each address it stands for.</summary>
/// <remarks>
/// Thread-safe. Which addresses there are is up to tokens that nobody has verified yet, so no more than <see cref="MaxSets"/> are kept: the one that was
/// asked for the longest time ago makes room.
/// </remarks>
/// <param name="address">Where they are.</param>
/// <param name="time">The clock.</param>
/// <param name="attemptTimeout">How long one of the three attempts to fetch may take; a second, if null.</param>
internal sealed class PublishedKeySets(KeySetAddress address, TimeProvider time, TimeSpan? attemptTimeout = null) : IDisposable
{
    public const int MaxSets = 64;

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(1);

    private readonly Lazy<HttpClient> _client = new(() => new HttpClient(new SocketsHttpHandler { UseCookies = false })
    {
        Timeout = attemptTimeout ?? AttemptTimeout,
        MaxResponseContentBufferSize = PublishedKeys.MaxAnswerBytes,
    });

    private readonly Lock _gate = new();

    // Both under the gate. The newest use is at the end.
    private readonly Dictionary<Uri, PublishedKeys> _sets = [];
    private readonly List<Uri> _uses = [];

    /// <param name="parts">What fills the address.</param>
    /// <param name="keyId">As the token names it; empty: any key of that kind.</param>
    /// <param name="kind">The kind of key.</param>
    /// <returns>Empty also when the parts make no address; null when the keys cannot be fetched and none are at hand.</returns>
    public ValueTask<IReadOnlyList<SecurityKey>?> FindAsync(IReadOnlyDictionary<string, string> parts, string keyId, Type kind) =>
        address.Fill(parts) is { } filled ? SetOf(filled).FindAsync(keyId, kind) : new([]);

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private PublishedKeys SetOf(Uri filled)
    {
        lock (_gate)
        {
            if (!_sets.TryGetValue(filled, out var keys))
            {
                MakeRoom();
                _sets.Add(filled, keys = new PublishedKeys(filled, _client, time));
            }

            _uses.Remove(filled);
            _uses.Add(filled);
            return keys;
        }
    }

    private void MakeRoom()
    {
        if (_sets.Count == MaxSets)
        {
            _sets.Remove(_uses[0]);
            _uses.RemoveAt(0);
        }
    }
}

using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.KeySets;

/// <summary>The key sets of one <see cref="KeySetAddress"/>, one for each address that tokens make of it.</summary>
/// <remarks>
/// Thread-safe. The addresses come from tokens that are not verified yet, so at most <see cref="MaxSets"/> sets are kept: the least recently used
/// one makes room.
/// </remarks>
/// <param name="attemptTimeout">How long each of the three attempts to fetch keys may take.</param>
internal sealed class PublishedKeySets(KeySetAddress address, TimeProvider time, TimeSpan attemptTimeout) : IDisposable
{
    public const int MaxSets = 64;

    private readonly Lazy<HttpClient> _client = new(() => new HttpClient(new SocketsHttpHandler { UseCookies = false })
    {
        Timeout = attemptTimeout,
        MaxResponseContentBufferSize = PublishedKeys.MaxAnswerBytes,
    });

    private readonly Lock _gate = new();

    // Both under the gate. The most recent use is at the end.
    private readonly Dictionary<Uri, PublishedKeys> _sets = [];
    private readonly List<Uri> _uses = [];

    /// <param name="parts">The values for the address, by name.</param>
    /// <param name="keyId">As the token names it; empty: any key of that kind.</param>
    /// <returns>Empty also when the parts make no address; null when the keys cannot be fetched and none were fetched before.</returns>
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

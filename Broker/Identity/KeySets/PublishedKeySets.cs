using ClawEvents.Broker.Limits;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.KeySets;

/// <summary>The key sets of one <see cref="KeySetAddress"/>, one for each address that tokens make of it.</summary>
/// <remarks>
/// Thread-safe. The addresses come from tokens that are not verified yet, so forged tokens cost little: sets whose keys have verified no
/// token are kept apart, at most <see cref="MaxUnproven"/>, and displace none that have; and they share a budget of
/// <see cref="UnprovenBurst"/> fetches, and one more each <see cref="UnprovenInterval"/>.
/// </remarks>
/// <param name="attemptTimeout">How long each of the three attempts to fetch keys may take.</param>
internal sealed class PublishedKeySets(KeySetAddress address, TimeProvider time, TimeSpan attemptTimeout) : IDisposable
{
    public const int MaxSets = 64;

    public const int MaxUnproven = 64;

    public const int UnprovenBurst = 32;

    public static readonly TimeSpan UnprovenInterval = TimeSpan.FromSeconds(1);

    // A redirect could lead a token's text to any server, also to one inside the operator's network.
    private readonly Lazy<HttpClient> _client = new(() => new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = attemptTimeout,
        MaxResponseContentBufferSize = PublishedKeys.MaxAnswerBytes,
    });

    private readonly SharedTokenBucket _budget = new(new(1 / UnprovenInterval.TotalSeconds, UnprovenBurst), time);

    private readonly Lock _gate = new();

    // Both under the gate.
    private readonly RecentKeySets _proven = new(MaxSets);
    private readonly RecentKeySets _unproven = new(MaxUnproven);

    /// <param name="parts">The values for the address, by name.</param>
    /// <param name="keyId">As the token names it; empty: any key of that kind.</param>
    /// <returns>
    /// Empty also when the parts make no address; null when the keys cannot be fetched, or not yet because the budget is used up, and none
    /// were fetched before.
    /// </returns>
    public ValueTask<IReadOnlyList<SecurityKey>?> FindAsync(IReadOnlyDictionary<string, string> parts, string keyId, Type kind) =>
        address.Fill(parts) is { } filled ? SetOf(filled).FindAsync(keyId, kind) : new([]);

    /// <summary>Call it when a token was verified with the keys of these parts: from now on forged tokens cannot displace them.</summary>
    public void Prove(IReadOnlyDictionary<string, string> parts)
    {
        if (address.Fill(parts) is not { } filled)
        {
            return;
        }

        lock (_gate)
        {
            if (_unproven.Find(filled) is { } keys)
            {
                keys.Prove();
                _unproven.Remove(filled);
                _proven.Add(filled, keys);
            }
        }
    }

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
            return _proven.Find(filled) ?? _unproven.Find(filled) ?? _unproven.Add(filled, new PublishedKeys(filled, _client, time, _budget));
        }
    }
}

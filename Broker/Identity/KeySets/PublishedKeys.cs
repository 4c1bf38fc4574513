using ClawEvents.Broker.Identity.Edwards;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.KeySets;

/// <summary>The keys that an identity provider publishes (RFC 7517), kept for an hour.</summary>
/// <remarks>
/// Thread-safe. A key that is not among them may be a new one: they are fetched again then, but at most once in <see cref="LeastPause"/>,
/// whatever strangers put into their tokens. One fetch runs at a time; checks that need its keys wait for it.
/// </remarks>
/// <param name="client">Its timeout limits each of the three attempts.</param>
#pragma warning disable CA1001 // The semaphore's wait handle is never used, so there is nothing to dispose of.
internal sealed class PublishedKeys(Uri address, Lazy<HttpClient> client, TimeProvider time)
#pragma warning restore CA1001
{
    public const int MaxAnswerBytes = 256 * 1024;

    private const int Attempts = 3;

    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    public static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _fetching = new(1);
    private volatile Fetched? _last;

    /// <param name="keyId">As the token names it; empty: any key of that kind.</param>
    /// <returns>Null when the keys cannot be fetched and none were fetched before.</returns>
    public async ValueTask<IReadOnlyList<SecurityKey>?> FindAsync(string keyId, Type kind)
    {
        var known = _last;
        if (known is null || IsOlderThan(known, KeptFor) || (KeysOf(known, keyId, kind).Count == 0 && IsOlderThan(known, LeastPause)))
        {
            known = await RenewAsync(known);
        }

        return known?.Keys is null ? null : KeysOf(known, keyId, kind);
    }

    private async Task<Fetched?> RenewAsync(Fetched? seen)
    {
        await _fetching.WaitAsync();
        try
        {
            // Another check may have fetched them meanwhile.
            return _last == seen ? _last = new Fetched(await FetchAsync() ?? seen?.Keys, time.GetTimestamp()) : _last;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task<IReadOnlyList<SecurityKey>?> FetchAsync()
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                return Read(await client.Value.GetStringAsync(address));
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or ArgumentException)
            {
                // Away, slow, or not a key set: try again. After the last attempt the token cannot be checked.
            }
        }

        return null;
    }

    // Keys of other kinds, and broken ones, are ignored.
    private static List<SecurityKey> Read(string json)
    {
        var set = new JsonWebKeySet(json) { SkipUnresolvedJsonWebKeys = true };
        return [.. set.GetSigningKeys(), .. set.Keys.Select(Ed25519Key.Of).OfType<Ed25519Key>()];
    }

    private bool IsOlderThan(Fetched fetched, TimeSpan age) =>
        time.GetElapsedTime(fetched.At) >= (fetched.Keys is null ? LeastPause : age);

    private static List<SecurityKey> KeysOf(Fetched fetched, string keyId, Type kind) =>
        [.. (fetched.Keys ?? []).Where(key => key.GetType() == kind && (keyId.Length == 0 || key.KeyId == keyId))];

    private sealed record Fetched(IReadOnlyList<SecurityKey>? Keys, long At);
}

using System.Net;
using ClawEvents.Broker.Limits;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.KeySets;

/// <summary>The keys that an identity provider publishes (RFC 7517), kept for an hour.</summary>
/// <remarks>
/// Thread-safe. A key that is not among them may be a new one: they are fetched again then, but at most once in <see cref="LeastPause"/>,
/// whatever strangers put into their tokens. After a refusal by the server nothing is fetched for <see cref="RefusedPause"/>. One fetch runs
/// at a time; checks that need its keys wait for it.
/// </remarks>
/// <param name="client">Its timeout limits each of the three attempts. It follows no redirects.</param>
/// <param name="budget">Limits the fetches of a set that is not proven yet, together with those of other sets.</param>
#pragma warning disable CA1001 // The semaphore's wait handle is never used, so there is nothing to dispose of.
internal sealed class PublishedKeys(Uri address, Lazy<HttpClient> client, TimeProvider time, SharedTokenBucket budget)
#pragma warning restore CA1001
{
    public const int MaxAnswerBytes = 256 * 1024;

    private const int Attempts = 3;

    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    public static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(10);

    /// <summary>After an answer that more attempts would not change: a 4xx, a redirect, or something that is not a key set.</summary>
    public static readonly TimeSpan RefusedPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _fetching = new(1);
    private volatile Fetched? _last;
    private volatile bool _isProven;

    /// <summary>The keys have verified a token: their fetches no longer need the budget.</summary>
    public void Prove() => _isProven = true;

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
            if (_last == seen && (_isProven || budget.TryTake(out _)))
            {
                var (keys, isRefused) = await FetchAsync();
                _last = new Fetched(keys ?? seen?.Keys, isRefused, time.GetTimestamp());
            }

            return _last;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task<(IReadOnlyList<SecurityKey>? Keys, bool IsRefused)> FetchAsync()
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                return (Read(await client.Value.GetStringAsync(address)), false);
            }
            catch (Exception exception) when (exception is ArgumentException || exception is HttpRequestException { StatusCode: < HttpStatusCode.InternalServerError })
            {
                return (null, true);
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // Away or slow: try again. After the last attempt the token cannot be checked.
            }
        }

        return (null, false);
    }

    // Keys of other kinds, and broken ones, are ignored.
    private static List<SecurityKey> Read(string json)
    {
        var set = new JsonWebKeySet(json) { SkipUnresolvedJsonWebKeys = true };
        return [.. set.GetSigningKeys(), .. set.Keys.Select(Ed25519Key.Of).OfType<Ed25519Key>()];
    }

    private bool IsOlderThan(Fetched fetched, TimeSpan age) =>
        time.GetElapsedTime(fetched.At) >= (fetched.IsRefused ? RefusedPause : fetched.Keys is null ? LeastPause : age);

    private static List<SecurityKey> KeysOf(Fetched fetched, string keyId, Type kind) =>
        [.. (fetched.Keys ?? []).Where(key => key.GetType() == kind && (keyId.Length == 0 || key.KeyId == keyId))];

    /// <param name="Keys">Null when none were ever fetched.</param>
    /// <param name="IsRefused">Whether the server's last answer was a refusal.</param>
    /// <param name="At">The time provider's timestamp of the last fetch.</param>
    private sealed record Fetched(IReadOnlyList<SecurityKey>? Keys, bool IsRefused, long At);
}

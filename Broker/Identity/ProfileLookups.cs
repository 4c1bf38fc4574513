using System.Collections.Concurrent;
using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Identity;

/// <summary>The signatures in a profile, or why they are not known.</summary>
/// <param name="Texts">
/// For each of the first <see cref="ProfileLookups.MaxSignatures"/> texts in the profile that begin like a signature, that text, cut at the
/// length of one; null when the profile could not be fetched.
/// </param>
/// <param name="Fault">An HTTP status, or a few words; empty without a fault.</param>
/// <param name="Wait">How long until the profile may be fetched again; zero when it was.</param>
internal readonly record struct ProfileLookup(IReadOnlyList<string>? Texts, string Fault, TimeSpan Wait);

/// <summary>Looks for signatures in profiles, and asks the profile server for each profile only so often. Thread-safe.</summary>
/// <remarks>
/// After <see cref="Burst"/> fetches in a row a profile is fetched once in <see cref="Interval"/>; in between, its last answer counts for
/// <see cref="KeptFor"/>. So a stranger who asks for somebody's name all the time does not keep its owner from signing in: the stranger's
/// fetches find the owner's signature.
/// </remarks>
internal sealed class ProfileLookups(MoltbookProfiles profiles, TimeProvider time)
{
    public const int MaxSignatures = 16;

    public const int Burst = 10;

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);

    private static readonly BucketRule Rule = new(1 / Interval.TotalSeconds, Burst);

    // Strangers choose the names, so the table is bounded: about 2 MB with full profiles.
    private const int MaxNames = 1_000;

    private readonly ConcurrentDictionary<string, Profile> _profiles = new(StringComparer.Ordinal);

    /// <param name="username">A valid agent name.</param>
    public async Task<ProfileLookup> FindAsync(string username, CancellationToken cancellation)
    {
        var profile = ProfileOf(username);
        if (!profile.Fetches.TryTake(out var wait))
        {
            return profile.Last is { } last && time.GetElapsedTime(last.At) < KeptFor ? new(last.Texts, "", TimeSpan.Zero) : new(null, "", wait);
        }

        var fetched = await profiles.FetchAsync(username, cancellation);
        if (fetched.Description is not { } description)
        {
            return new(null, fetched.Fault, TimeSpan.Zero);
        }

        var texts = SignaturesIn(description);
        profile.Last = new Answer(texts, time.GetTimestamp());
        return new(texts, "", TimeSpan.Zero);
    }

    private Profile ProfileOf(string username)
    {
        if (_profiles.TryGetValue(username, out var known))
        {
            return known;
        }

        if (_profiles.Count >= MaxNames)
        {
            _profiles.Clear();
        }

        return _profiles.GetOrAdd(username, new Profile(new SharedTokenBucket(Rule, time)));
    }

    private static List<string> SignaturesIn(string description)
    {
        var texts = new List<string>();
        for (var start = 0; texts.Count < MaxSignatures; start += ProfileChallenges.Prefix.Length)
        {
            start = description.IndexOf(ProfileChallenges.Prefix, start, StringComparison.Ordinal);
            if (start < 0)
            {
                break;
            }

            texts.Add(description.Substring(start, Math.Min(ProfileChallenges.SignatureLength, description.Length - start)));
        }

        return texts;
    }

    private sealed class Profile(SharedTokenBucket fetches)
    {
        public SharedTokenBucket Fetches => fetches;

        /// <summary>Null before the first answer.</summary>
        public Answer? Last
        {
            get => Volatile.Read(ref field);
            set => Volatile.Write(ref field, value);
        }
    }

    private sealed record Answer(IReadOnlyList<string> Texts, long At);
}

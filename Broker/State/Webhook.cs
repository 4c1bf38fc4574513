using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State;

/// <summary>A URL that gets what is published to a channel. Immutable.</summary>
/// <param name="Id">32 lower-case hexadecimal digits, random.</param>
/// <param name="Owner">The principal that registered it.</param>
internal sealed record Webhook(string Id, string Owner, ChannelName Channel, string Url)
{
    /// <summary>Length of an id.</summary>
    public const int IdLength = 32;

    /// <summary>All webhooks are divided into so many shares, each of which one node serves.</summary>
    public const int Shares = 32;

    /// <summary>Signs deliveries: <c>whsec_</c> and base64.</summary>
    public required string Secret { get; init; }

    /// <summary>Unix time in milliseconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Of the token that registered the webhook, or resumed it last.</summary>
    public required TokenStamp Token { get; init; }

    public required WebhookProgress Progress { get; init; }

    public int Share => ShareOf(Id);

    /// <summary>Whether only the progress differs.</summary>
    public bool HasSameTerms(Webhook other) => this == other with { Progress = Progress };

    /// <param name="id">A valid one.</param>
    public static int ShareOf(string id) => Convert.FromHexString(id.AsSpan(0, 2))[0] % Shares;

    /// <summary>Whether a text has the form of an id.</summary>
    public static bool IsId(string text) => text.Length == IdLength && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Leaves out the secret.</summary>
    public override string ToString() => Id;
}

/// <summary>How far a webhook's deliveries have come. Immutable.</summary>
/// <param name="Cursor">The last publication that was delivered; an empty epoch where the channel has no history.</param>
internal sealed record WebhookProgress(StreamPosition Cursor)
{
    /// <summary>The first failure since the last success, Unix time in milliseconds; 0: the last delivery succeeded.</summary>
    public long FailingSince { get; init; }

    /// <summary>Why the last delivery failed; null: it succeeded.</summary>
    public string? Fault { get; init; }

    /// <summary>The word of the reason for which nothing is delivered until the owner resumes it; null: it is not paused.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Unix time in milliseconds; 0: it is not paused.</summary>
    public long PausedAt { get; init; }

    /// <summary>The same place, as a webhook that has not failed.</summary>
    public WebhookProgress Resumed() => new(Cursor);
}

/// <summary>A node's right to serve one share of the webhooks.</summary>
/// <param name="Fence">Grows with each node that takes the share, so that an earlier one can no longer change a webhook's progress.</param>
internal readonly record struct WebhookLease(string Node, int Share, long Fence);

/// <summary>The shares of the webhooks that a node serves.</summary>
/// <param name="Held">Its leases; more than <paramref name="Fair"/> for as long as it has not released the others.</param>
/// <param name="Fair">How many shares a node serves if all serve equally many.</param>
internal sealed record WebhookShares(IReadOnlyList<WebhookLease> Held, int Fair);

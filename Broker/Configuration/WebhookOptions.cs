using System.Net;

namespace ClawEvents.Broker.Configuration;

/// <summary>Rules for webhooks. docs/reference/settings.md</summary>
internal sealed record WebhookOptions
{
    /// <summary><c>Webhooks</c>.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary><c>MaxWebhooksPerOwner</c>.</summary>
    public int MaxOfOwner { get; init; } = 10;

    /// <summary><c>MaxWebhooks</c>: in all, of all owners.</summary>
    public int MaxInAll { get; init; } = 10_000;

    /// <summary><c>WebhookTimeoutSeconds</c>: time limit of a delivery, from the connection to the answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>WebhookRetryHours</c>: a webhook whose deliveries have failed for so long is paused.</summary>
    public TimeSpan RetryTime { get; init; } = TimeSpan.FromHours(24);

    /// <summary><c>WebhookAllowedNetworks</c>: networks that webhooks may reach although they are not public.</summary>
    public IReadOnlyList<IPNetwork> AllowedNetworks { get; init; } = [];

    /// <summary><c>WebhookAllowHttp</c>: deliveries may go out without TLS.</summary>
    public bool AllowsHttp { get; init; }
}

using System.Security.Cryptography;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Webhooks;

/// <summary>The outcome of a registration.</summary>
internal enum WebhookResult : byte
{
    Done,

    /// <summary>The channel or the URL is invalid.</summary>
    BadRequest,

    /// <summary>The caller may not hear the channel, or there are as many webhooks as there may be.</summary>
    Forbidden,
}

/// <param name="Message">Why not; empty when it was done.</param>
internal sealed record WebhookRegistered(WebhookResult Result, string Message)
{
    /// <summary>One of <see cref="WebhookReasons"/>; null when there are too many.</summary>
    public string? Reason { get; init; }

    /// <summary>Set when it was done.</summary>
    public Webhook? Webhook { get; init; }
}

/// <summary>Registers webhooks: checks them, and sets the place in the channel from which they hear it.</summary>
internal sealed class WebhookRegistration(
    ChannelResolver channels, WebhookUrl urls, WebhookRight right, IChannelEngine engine, IStateStore store, WebhookOptions options, BrokerMetrics metrics, TimeProvider time)
{
    /// <param name="caller">Proven by a token.</param>
    /// <param name="channelName">Any text.</param>
    /// <param name="url">Any text.</param>
    /// <exception cref="Faults.StoreUnavailableException">The store or the engine is away.</exception>
    public async Task<WebhookRegistered> AddAsync(Principal caller, string channelName, string url)
    {
        if (!channels.TryResolve(channelName, out var channel))
        {
            return new(WebhookResult.BadRequest, "invalid channel format");
        }

        if (urls.FindFault(url) is { } fault)
        {
            return new(WebhookResult.BadRequest, fault);
        }

        if (await FindRefusalAsync(caller, channel.Name) is { } refusal)
        {
            return refusal;
        }

        // Whatever is published from here on is behind the cursor.
        var webhook = new Webhook(RandomNumberGenerator.GetHexString(Webhook.IdLength, lowercase: true), caller.Name, channel.Name, url)
        {
            Secret = WebhookSignature.NewSecret(),
            CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Token = caller.Token,
            Progress = new(await FindTopAsync(channel)),
        };
        return await store.Webhooks.TryAddAsync(webhook, options.MaxOfOwner, options.MaxInAll)
            ? new(WebhookResult.Done, "") { Webhook = webhook }
            : await FindExcessAsync(caller);
    }

    /// <returns>Null: the caller may hear the channel.</returns>
    /// <exception cref="Faults.StoreUnavailableException">The store is away.</exception>
    public async ValueTask<WebhookRegistered?> FindRefusalAsync(Principal caller, ChannelName channel)
    {
        if (await right.FindRefusalAsync(caller, channel) is not { } refusal)
        {
            return null;
        }

        metrics.Denied(refusal, AccessAction.Subscribe.Word());
        return new(WebhookResult.Forbidden, WebhookReasons.Describe(refusal)) { Reason = refusal };
    }

    private async ValueTask<StreamPosition> FindTopAsync(ResolvedChannel channel) => channel.OptionsOrNone.KeepsHistory
        ? (await engine.ReadHistoryAsync(channel.Name, HistoryFilter.Position, channel.OptionsOrNone.HistoryMetaTtl)).Top
        : new(0, "");

    private async ValueTask<WebhookRegistered> FindExcessAsync(Principal caller)
    {
        var count = (await store.Webhooks.GetOfOwnerAsync(caller.Name)).Count;
        return new(WebhookResult.Forbidden, count >= options.MaxOfOwner
            ? $"too many webhooks (max {options.MaxOfOwner} per owner): remove another one first"
            : "the server has as many webhooks as it allows: try again later, or ask its operator");
    }
}

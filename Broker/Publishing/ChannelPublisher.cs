using System.Diagnostics;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Telemetry.Following;
using ClawEvents.Broker.Telemetry.Traffic;

namespace ClawEvents.Broker.Publishing;

/// <summary>The rules of publishing, the same for every door: rate, size, permission, schema, envelope, and then the engine.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ChannelPublisher(
    IChannelEngine engine, IChannelReceiver receiver, IStateStore store, ChannelPermissions permissions, AdvertisedSchemas schemas, ActivityRecorder activity, AddressLimits addresses, LimitHits hits, ChannelTraffic traffic, LiveTrace trace, TimeProvider time, PublishingOptions options)
{
    /// <summary>The size limit, for the message of a refusal.</summary>
    public string SizeRule => $"payload too large (max {options.MaxPayloadBytes} bytes)";

    /// <summary>The rate limit, for the message of a refusal.</summary>
    public string RateRule => $"rate limit exceeded ({options.PublishesPerSecond} requests per second)";

    /// <summary>Publishes what a client sent: in the broker's envelope on the channels of claw.events, as it is on others.</summary>
    /// <remarks>
    /// The order of the checks is the contract's (docs/reference/http-api.md#publish): a refused publish counts towards the rate, unless
    /// it was for a system channel. When it says published, the engine has it.
    /// </remarks>
    public async ValueTask<PublishOutcome> PublishAsync(PublishRequest request)
    {
        using var publish = PublishTrace.Publish(request.Channel.Name);
        var outcome = await JudgeAsync(request, isCounted: true);
        if (outcome.Status is PublishStatus.Published)
        {
            await WhenRoom();
            await AcceptAsync(request);
        }
        else
        {
            publish?.SetStatus(ActivityStatusCode.Error, outcome.Status.ToString());
        }

        return outcome;
    }

    /// <summary>Decides on a publish.</summary>
    /// <param name="isCounted">Whether it counts towards the sender's rate; false: somebody asks what would happen to such a publish now.</param>
    public async ValueTask<PublishOutcome> JudgeAsync(PublishRequest request, bool isCounted)
    {
        if (request.Channel.Name.Kind is ChannelKind.System)
        {
            return new(PublishStatus.SystemChannel) { Rule = AccessRule.SystemOnly };
        }

        using var step = PublishTrace.Step("permission");

        // Configured namespaces know no limits, as in Centrifugo: the longest message is the limit, and the options say who may publish.
        if (HasLimits(request.Channel) && await FindExcessAsync(request, isCounted) is { } excess)
        {
            return excess;
        }

        var outcome = Check(request);
        return outcome.Status is PublishStatus.Published
            && request.Channel.Name.IsLockable
            && await schemas.FindMismatchesAsync(request.Channel.Name, request.Publication.Data) is { Count: > 0 } mismatches
            ? new(PublishStatus.SchemaMismatch, Mismatches: mismatches)
            : outcome;
    }

    /// <summary>Whether the limits of rate and size hold on a channel.</summary>
    public static bool HasLimits(ResolvedChannel channel) => channel is { Name.IsClaw: true } or { Options: null };

    /// <summary>Waits while the subscribers' side is far behind; publishers call it first, so that a flood of publications makes them wait and no queue grow.</summary>
    /// <returns>Usually complete.</returns>
    public ValueTask WhenRoom() => receiver.WhenRoom();

    /// <summary>Counts a request that becomes, or asks about, a publish of this sender.</summary>
    /// <param name="sender">An agent's name, or <c>app:&lt;name&gt;</c>, or another by which anonymous clients are told apart.</param>
    /// <returns>The sender's rate window when it has made too many requests in it; null otherwise.</returns>
    public async ValueTask<RateWindow?> FindRateExcessAsync(string sender)
    {
        if (options.PublishesPerSecond > 0 && await store.CountPublishAsync(sender) is var window && window.Count > options.PublishesPerSecond)
        {
            hits.Add(Limit.Publishes);
            return window;
        }

        return null;
    }

    // Null when the request is within all limits. Connections cost a stranger nothing, so all of one address have a limit together.
    private async ValueTask<PublishOutcome?> FindExcessAsync(PublishRequest request, bool isCounted)
    {
        if (options.PublishesPerSecond > 0)
        {
            var window = await (isCounted ? CountAsync(request) : ForeseeAsync(request.Sender));
            if (window.Count > options.PublishesPerSecond)
            {
                if (isCounted)
                {
                    hits.Add(Limit.Publishes);
                }

                return new(PublishStatus.RateLimited, window);
            }

            if (isCounted && request is { Sender.IsAnonymous: true, AnonymousRate: not null } && !addresses.AnonymousPublishes.TryTake(request.Address))
            {
                return new(PublishStatus.AddressRateLimited);
            }
        }

        return request.Publication.Data.Length > options.MaxPayloadBytes ? new(PublishStatus.TooLarge) : null;
    }

    /// <summary>Publishes what the broker itself has to say, as it is; it counts as a message.</summary>
    /// <param name="channel">Any channel.</param>
    /// <param name="data">Valid UTF-8 JSON; only read until the call returns.</param>
    /// <param name="cause">The client that caused the publication; null: none.</param>
    public ValueTask<PublishResult> AnnounceAsync(ResolvedChannel channel, ReadOnlyMemory<byte> data, Principal? cause = null)
    {
        activity.Count(cause);
        return PublishAsGivenAsync(channel, new(data));
    }

    /// <summary>As <see cref="AnnounceAsync"/>, of what every node says: it is published, and counted, once.</summary>
    /// <param name="channel">Any channel.</param>
    /// <param name="data">Valid UTF-8 JSON; only read until the call returns.</param>
    /// <param name="key">The same on all nodes.</param>
    public async ValueTask AnnounceOnceAsync(ResolvedChannel channel, ReadOnlyMemory<byte> data, string key)
    {
        var result = await PublishAsGivenAsync(channel, new(data), new PublishOptions { IdempotencyKey = key });
        if (result.Suppression is Suppression.None)
        {
            activity.Count(null);
        }
    }

    /// <summary>Publishes what the server API is given, as it is and without asking.</summary>
    /// <param name="channel">Any channel.</param>
    /// <param name="publication">Its data is valid UTF-8 JSON, outside of claw.events any bytes, and only read until the call returns.</param>
    /// <param name="wishes">Null: none.</param>
    /// <param name="sender">The client that it comes from; null: none.</param>
    /// <returns>Complete when the engine has accepted the publication: it is stored, where the channel has history, and accepted for all subscribers.</returns>
    public ValueTask<PublishResult> PublishAsGivenAsync(ResolvedChannel channel, in Publication publication, PublishOptions? wishes = null, Principal? sender = null)
    {
        traffic.Published(channel.Name, publication.Data.Length);
        if (trace.IsOn)
        {
            trace.Tell(new("published", sender?.Name) { Channel = channel.Name.Value, Data = publication.Data });
        }

        var kept = channel.OptionsOrNone;
        var how = wishes ?? PublishOptions.Default;
        var stored = new EnginePublication
        {
            Publication = publication,
            WantsDelta = kept.AllowFossilDelta && (kept.DeltaPublish || how.Delta),
            History = how.SkipHistory ? HistoryOptions.None : kept.History,
            IdempotencyKey = how.IdempotencyKey,
            Version = how.Version,
            VersionEpoch = how.VersionEpoch,
        };
        var step = PublishTrace.Step("engine");
        var publishing = engine.PublishAsync(channel.Name, stored);
        return step is null ? publishing : EndAsync(step, publishing);
    }

    private static async ValueTask<PublishResult> EndAsync(Activity step, ValueTask<PublishResult> publishing)
    {
        using (step)
        {
            return await publishing;
        }
    }

    /// <summary>Looks at a publish that somebody else decides on: not at who may, but at what it is.</summary>
    public static PublishOutcome CheckForm(in PublishRequest request) =>
        Check(request, ChannelPermissions.FindFaultOfName(request.Channel) ?? AccessRule.BackEnd);

    private PublishOutcome Check(in PublishRequest request) =>
        Check(request, permissions.CanPublish(request.Sender, request.Channel, request.IsSubscribed));

    /// <summary>The outcome of a publish about which a rule has decided: if it is allowed, the form of the payload counts.</summary>
    public static PublishOutcome Check(in PublishRequest request, AccessRule rule) =>
        rule.IsAllowed() ? new(CheckFormat(request)) { Rule = rule } : OutcomeOf(request, rule);

    /// <summary>The outcome of a request about which a rule has decided, whatever its payload.</summary>
    public static PublishOutcome OutcomeOf(in PublishRequest request, AccessRule rule) => new(rule switch
    {
        _ when rule.IsAllowed() => PublishStatus.Published,
        AccessRule.UnknownNamespace => PublishStatus.UnknownChannel,
        AccessRule.BadName => PublishStatus.BadName,
        AccessRule.UnusableName => PublishStatus.InvalidChannel,
        _ when request.Channel.Name.IsClaw => PublishStatus.Denied,
        _ => PublishStatus.NotPermitted,
    })
    {
        Rule = rule,
    };

    // The channels of claw.events carry JSON, which the envelope needs. (Over JSON, a payload is nothing else.)
    private static PublishStatus CheckFormat(in PublishRequest request)
    {
        var format = request.Channel.Name.IsClaw ? PayloadFormat.Json : request.Channel.Options?.PayloadFormat ?? PayloadFormat.Any;
        return format switch
        {
            PayloadFormat.Binary => PublishStatus.Published,
            PayloadFormat.Any => request.Publication.Data.IsEmpty ? PublishStatus.Empty : PublishStatus.Published,
            _ when request.MayBeBinary && !JsonPayload.IsValid(request.Publication.Data.Span) => PublishStatus.NotJson,
            PayloadFormat.JsonObject when request.Publication.Data.Span.TrimStart(" \t\r\n"u8) is not [(byte)'{', ..] => PublishStatus.BadFormat,
            _ => PublishStatus.Published,
        };
    }

    private ValueTask<RateWindow> CountAsync(in PublishRequest request) => request is { Sender.IsAnonymous: true, AnonymousRate: { } rate }
        ? new(rate.CountOne())
        : store.CountPublishAsync(request.Sender.Name);

    // The window as the sender's next publish would find it. Anonymous senders are counted by connection, which is not known here.
    private async ValueTask<RateWindow> ForeseeAsync(Principal sender)
    {
        var window = sender.IsAnonymous ? default : await store.GetPublishWindowAsync(sender.Name);
        return window with { Count = window.Count + 1 };
    }

    /// <summary>Publishes what a client sent and somebody has allowed.</summary>
    /// <param name="request">Checked.</param>
    /// <param name="wishes">Those of the back end that allowed it; null: none.</param>
    public ValueTask<PublishResult> AcceptAsync(in PublishRequest request, PublishOptions? wishes = null)
    {
        activity.Count(request.Sender);
        if (!request.Channel.Name.IsClaw)
        {
            return PublishAsGivenAsync(request.Channel, request.Publication, wishes, request.Sender);
        }

        var envelope = EnvelopeBuffer.Rent();
        Envelope.Write(envelope, request.Sender, time.GetUtcNow(), request.Publication.Data.Span);
        var publishing = PublishAsGivenAsync(request.Channel, request.Publication with { Data = envelope.WrittenMemory }, wishes, request.Sender);

        // The engine has taken what it needs of it, even if it has not answered yet.
        EnvelopeBuffer.Return(envelope);
        return publishing;
    }
}

using System.Buffers;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Channels;

/// <summary>The rules of publishing, the same for every door: rate, size, permission, schema, envelope, and then the hub.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ChannelPublisher(
    ChannelHub hub, IStateStore store, ChannelPermissions permissions, AdvertisedSchemas schemas, ActivityRecorder activity, TimeProvider time, BrokerOptions options)
{
    /// <summary>The size limit, for the message of a refusal.</summary>
    public string SizeRule { get; } = $"payload too large (max {options.MaxPayloadBytes} bytes)";

    /// <summary>The rate limit, for the message of a refusal.</summary>
    public string RateRule { get; } = $"rate limit exceeded ({options.PublishesPerSecond} requests per second)";

    /// <summary>Publishes what a client sent: in the broker's envelope on the channels of claw.events, as it is on others.</summary>
    /// <remarks>
    /// The order of the checks is the contract's (docs/reference/http-api.md#publish): a refused publish counts towards the rate, unless
    /// it was for a system channel. When it says published, the queue of every live subscriber on this node holds it.
    /// </remarks>
    public async ValueTask<PublishOutcome> PublishAsync(PublishRequest request)
    {
        if (request.Channel.Kind is ChannelKind.System)
        {
            return new(PublishStatus.SystemChannel);
        }

        // Configured namespaces know neither limit, as in Centrifugo: the longest message is the limit, and the options say who may publish.
        if (request.Channel.IsClaw || options.Namespaces.Find(request.Channel) is null)
        {
            if (options.PublishesPerSecond > 0 && await CountAsync(request) is var window && window.Count > options.PublishesPerSecond)
            {
                return new(PublishStatus.RateLimited, window);
            }

            if (request.Payload.Length > options.MaxPayloadBytes)
            {
                return new(PublishStatus.TooLarge);
            }
        }

        var status = Check(request);
        if (status is not PublishStatus.Published)
        {
            return new(status);
        }

        if (request.Channel.IsLockable && await schemas.FindMismatchesAsync(request.Channel, request.Payload) is { Count: > 0 } mismatches)
        {
            return new(PublishStatus.SchemaMismatch, Mismatches: mismatches);
        }

        Publish(request);
        return new(PublishStatus.Published);
    }

    /// <summary>Publishes what the broker itself has to say, as it is; it counts as a message.</summary>
    /// <param name="channel">Any channel.</param>
    /// <param name="data">Valid UTF-8 JSON.</param>
    /// <param name="cause">Who made the broker say it; null: nobody.</param>
    public void Announce(ChannelName channel, ReadOnlySpan<byte> data, Principal? cause = null)
    {
        activity.Count(cause);
        PublishAsGiven(channel, data);
    }

    /// <summary>Publishes data as it is, without asking: for the server API.</summary>
    /// <param name="channel">Any channel.</param>
    /// <param name="data">Valid UTF-8 JSON.</param>
    public void PublishAsGiven(ChannelName channel, ReadOnlySpan<byte> data) => hub.Publish(channel, new Publication { Data = data });

    private PublishStatus Check(in PublishRequest request) => permissions.CanPublish(request.Sender, request.Channel, request.IsSubscribed) switch
    {
        AccessDecision.Allowed => IsRightFormat(request) ? PublishStatus.Published : PublishStatus.BadFormat,
        AccessDecision.UnknownChannel => PublishStatus.UnknownChannel,
        AccessDecision.BadName => PublishStatus.BadName,
        _ when request.Channel.Kind is ChannelKind.Namespaced => PublishStatus.NotPermitted,
        _ when request.Channel.Kind is ChannelKind.Invalid or ChannelKind.Plain => PublishStatus.InvalidChannel,
        _ => PublishStatus.Denied,
    };

    private bool IsRightFormat(in PublishRequest request) =>
        options.Namespaces.Find(request.Channel)?.PayloadFormat is not PayloadFormat.JsonObject
        || request.Payload.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    private ValueTask<RateWindow> CountAsync(in PublishRequest request) =>
        request is { Sender.IsAnonymous: true, Connection: { } connection }
            ? new(connection.CountAnonymousPublish())
            : store.CountPublishAsync(request.Sender.Name);

    private void Publish(in PublishRequest request)
    {
        activity.Count(request.Sender);
        hub.Publish(request.Channel, new Publication
        {
            Data = request.Channel.IsClaw ? Wrap(request) : request.Payload.Span,
            Publisher = request.Connection is null ? null : request.Sender,
            Client = request.Connection?.Id ?? default,
        });
    }

    private ReadOnlySpan<byte> Wrap(in PublishRequest request)
    {
        var data = EnvelopeBuffer.OfThisThread();
        Envelope.Write(data, request.Sender, time.GetUtcNow(), request.Payload.Span);
        return data.WrittenSpan;
    }

    // The envelope is gone when the hub has framed it, so each thread keeps one buffer for it.
    private static class EnvelopeBuffer
    {
        [ThreadStatic]
        private static ArrayBufferWriter<byte>? _buffer;

        public static ArrayBufferWriter<byte> OfThisThread()
        {
            var buffer = _buffer ??= new ArrayBufferWriter<byte>();
            buffer.ResetWrittenCount();
            return buffer;
        }
    }
}

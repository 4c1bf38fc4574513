using System.Buffers;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Channels;

/// <summary>The rules of publishing, the same for every door: rate, size, permission, envelope, and then the hub.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ChannelPublisher(ChannelHub hub, IStateStore store, TimeProvider time, BrokerOptions options)
{
    /// <summary>The size limit, for the message of a refusal.</summary>
    public string SizeRule { get; } = $"payload too large (max {options.MaxPayloadBytes} bytes)";

    /// <summary>The rate limit, for the message of a refusal.</summary>
    public string RateRule { get; } = $"rate limit exceeded ({options.PublishesPerSecond} requests per second)";

    /// <summary>Publishes what a client sent, in the broker's envelope.</summary>
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

        var window = await CountAsync(request);
        if (window.Count > options.PublishesPerSecond)
        {
            return new(PublishStatus.RateLimited, window);
        }

        if (request.Payload.Length > options.MaxPayloadBytes)
        {
            return new(PublishStatus.TooLarge);
        }

        var status = Check(request);
        if (status is PublishStatus.Published)
        {
            Publish(request);
        }

        return new(status);
    }

    /// <summary>Publishes data as it is, without asking: for the server API and the broker itself.</summary>
    /// <param name="channel">Any channel.</param>
    /// <param name="data">Valid UTF-8 JSON.</param>
    public void PublishAsGiven(ChannelName channel, ReadOnlySpan<byte> data) => hub.Publish(channel, new Publication { Data = data });

    private static PublishStatus Check(in PublishRequest request) => ChannelPermissions.CanPublish(request.Sender, request.Channel) switch
    {
        AccessDecision.Allowed => PublishStatus.Published,
        AccessDecision.UnknownChannel => PublishStatus.UnknownChannel,
        _ when request.Channel.Kind is ChannelKind.Invalid => PublishStatus.InvalidChannel,
        _ => PublishStatus.Denied,
    };

    private ValueTask<RateWindow> CountAsync(in PublishRequest request) =>
        request is { Sender.IsAnonymous: true, Connection: { } connection }
            ? new(connection.CountAnonymousPublish())
            : store.CountPublishAsync(request.Sender.Name);

    private void Publish(in PublishRequest request)
    {
        var data = EnvelopeBuffer.OfThisThread();
        Envelope.Write(data, request.Sender, time.GetUtcNow(), request.Payload.Span);
        hub.Publish(request.Channel, new Publication
        {
            Data = data.WrittenSpan,
            Publisher = request.Connection is null ? null : request.Sender,
            Client = request.Connection?.Id ?? default,
        });
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

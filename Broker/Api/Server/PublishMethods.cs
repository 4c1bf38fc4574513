using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Publishing;

namespace ClawEvents.Broker.Api.Server;

/// <summary><c>publish</c> and <c>broadcast</c>: data is published unchanged, to any channel.</summary>
internal sealed class PublishMethods(ServerApiChannels channels, ChannelPublisher publisher)
{
    // The maximum number of simultaneous publishes: a broadcast may name as many channels as fit into a request.
    private const int AtOnce = 64;

    private const string DataRule = "data, or b64data in base64, is needed";

    public ServerApiCall Publish(ServerApiFields fields)
    {
        var (channel, publication) = (fields.Text("channel"), Read(fields));
        return () => PublishAsync(channel, publication);
    }

    /// <summary>A call with parameters that did not come as JSON.</summary>
    /// <param name="names">One: <c>publish</c>, several: <c>broadcast</c>.</param>
    public ServerApiCall Publish(IReadOnlyList<string> names, Publication given, PublishOptions options)
    {
        var publication = new ServerPublication(IsData: true, given, options);
        return names is [var name] ? () => PublishAsync(name, publication) : () => BroadcastAsync(names, publication);
    }

    public ServerApiCall Broadcast(ServerApiFields fields)
    {
        var (names, publication) = (fields.Texts("channels"), Read(fields));
        return () => BroadcastAsync(names, publication);
    }

    private static ServerPublication Read(ServerApiFields fields)
    {
        var isData = fields.TryBytes("data", isNullValue: true, out var data);
        return new(isData, new(data, Tags: fields.Tags("tags")), new()
        {
            SkipHistory = fields.Flag("skip_history"),
            Delta = fields.Flag("delta"),
            IdempotencyKey = fields.Text("idempotency_key") is { Length: > 0 } key ? key : null,
            Version = fields.WholeNumber("version"),
            VersionEpoch = fields.Text("version_epoch") is { Length: > 0 } epoch ? epoch : null,
        });
    }

    private async ValueTask<ServerApiAnswer> PublishAsync(string name, ServerPublication publication)
    {
        if (name.Length == 0)
        {
            return ServerApiAnswer.BadRequest("channel is needed");
        }

        if (!channels.TryFind(name, out var channel, out var error))
        {
            // Nobody can subscribe to an invalid name, so nobody misses this publication.
            return channel == default && publication.Refuse(ChannelOptions.None, isClaw: false) is null ? ServerApiAnswer.Done : error;
        }

        if (publication.Refuse(channel.OptionsOrNone, channel.Name.IsClaw) is { } fault)
        {
            return ServerApiAnswer.BadRequest(fault);
        }

        await publisher.WhenRoom();
        return ResultOf(await publisher.PublishAsGivenAsync(channel, publication.Publication, publication.Options));
    }

    private async ValueTask<ServerApiAnswer> BroadcastAsync(IReadOnlyList<string> names, ServerPublication publication)
    {
        if (names.Count == 0)
        {
            return ServerApiAnswer.BadRequest("channels are needed");
        }

        var answers = new List<ServerApiAnswer>(names.Count);
        foreach (var some in names.Chunk(AtOnce))
        {
            answers.AddRange(await Task.WhenAll(some.Select(name => ServerApiMethods.TryAsync(() => PublishAsync(name, publication)).AsTask())));
        }

        return new BroadcastResult(answers);
    }

    private static ServerApiAnswer ResultOf(PublishResult result) => result.Position.Offset == 0 ? ServerApiAnswer.Done : new PublishedResult(result.Position);

    /// <summary>A publication of a call.</summary>
    /// <param name="IsData">False: what should have been base64 was not.</param>
    private sealed record ServerPublication(bool IsData, Publication Publication, PublishOptions Options)
    {
        private ReadOnlyMemory<byte> Data => Publication.Data;

        /// <summary>Returns the rule that it breaks; null: it is valid.</summary>
        public string? Refuse(ChannelOptions options, bool isClaw) =>
            !IsData || (Data.IsEmpty && options.PayloadFormat is not PayloadFormat.Binary) ? DataRule
            : (isClaw || options.PayloadFormat is PayloadFormat.Json or PayloadFormat.JsonObject) && !JsonPayload.IsValid(Data.Span) ? "data must be JSON on this channel"
            : options.PayloadFormat is PayloadFormat.JsonObject && Data.Span.TrimStart(" \t\r\n"u8) is not [(byte)'{', ..] ? "data must be a JSON object (publication_data_format)"
            : IsTooLong(Options.IdempotencyKey) || IsTooLong(Options.VersionEpoch) ? $"idempotency_key and version_epoch may have at most {ProtocolLimits.MaxPublicationKeyLength} characters"
            : null;

        private static bool IsTooLong(string? text) => text?.Length > ProtocolLimits.MaxPublicationKeyLength;
    }
}

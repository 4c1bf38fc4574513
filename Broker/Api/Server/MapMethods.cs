using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Publishing;

namespace ClawEvents.Broker.Api.Server;

/// <summary><c>map_publish</c>, <c>map_remove</c>, <c>map_read_state</c>, <c>map_read_stream</c>, <c>map_stats</c> and <c>map_clear</c>: the maps of channels.</summary>
internal sealed class MapMethods(ServerApiChannels channels, MapPublisher publisher, IMapEngine engine)
{
    public ServerApiCall Publish(ServerApiFields fields)
    {
        var (name, key, publication) = (fields.Text("channel"), fields.Text("key"), ServerPublication.Read(fields));
        var isStreamData = fields.TryBytes("stream_data", isNullValue: false, out var streamData);
        var (score, mode) = (fields.SignedNumber("score"), KeyModes.Parse(fields.Text("key_mode")));
        return () => WithKeyAsync(name, key, async channel =>
        {
            var refusal = publication.Refuse(channel.OptionsOrNone, isClaw: false)
                ?? (mode is null ? "key_mode is if_new, if_exists, or left out" : !isStreamData ? "b64stream_data is not base64" : null);
            if (refusal is not null)
            {
                return ServerApiAnswer.BadRequest(refusal);
            }

            var change = ChangeOf(channel.OptionsOrNone, key, publication, streamData, score, mode!.Value);
            return MapRules.RefuseVersion(channel.OptionsOrNone.Map, change.Version) is { } fault ? fault : AnswerOf(await publisher.PublishAsync(channel, change));
        });
    }

    public ServerApiCall Remove(ServerApiFields fields)
    {
        var (name, key, once) = (fields.Text("channel"), fields.Text("key"), fields.Text("idempotency_key"));
        return () => WithKeyAsync(name, key, async channel =>
        {
            if (once.Length > ProtocolLimits.MaxPublicationKeyLength)
            {
                return ServerApiAnswer.BadRequest($"idempotency_key may have at most {ProtocolLimits.MaxPublicationKeyLength} characters");
            }

            return AnswerOf(await publisher.RemoveAsync(channel, new(key, IdempotencyKey: once.Length > 0 ? once : null)));
        });
    }

    public ServerApiCall ReadState(ServerApiFields fields)
    {
        var key = fields.Text("key");
        var (name, filter) = (fields.Text("channel"), new MapStateFilter(fields.Number("limit"), fields.Text("cursor"), fields.Flag("asc"), key.Length > 0 ? key : null));
        var revision = Position(fields, "revision");
        return () => WithAsync(name, async channel =>
        {
            var options = channel.OptionsOrNone.Map;
            if (MapRules.Refuse(options, filter) is { } refusal)
            {
                return refusal;
            }

            var page = await engine.ReadStateAsync(channel.Name, options, filter);
            return revision is { } place && place.Epoch != page.Top.Epoch ? ErrorCode.UnrecoverablePosition : new MapStateResult(page);
        });
    }

    public ServerApiCall ReadStream(ServerApiFields fields)
    {
        var (name, filter) = (fields.Text("channel"), new HistoryFilter(fields.Number("limit"), Position(fields, "since"), fields.Flag("reverse")));
        return () => WithAsync(name, async channel =>
        {
            var page = await engine.ReadStreamAsync(channel.Name, channel.OptionsOrNone.Map, filter);
            return HistoryRules.Refuse(filter, page.Top) is { } refusal ? refusal : new MapStreamResult(page);
        });
    }

    public ServerApiCall Stats(ServerApiFields fields)
    {
        var name = fields.Text("channel");
        return () => WithAsync(name, async channel => new MapStatsResult(await engine.CountAsync(channel.Name)));
    }

    public ServerApiCall Clear(ServerApiFields fields)
    {
        var name = fields.Text("channel");
        return () => WithAsync(name, async channel =>
        {
            await engine.ClearAsync(channel.Name, channel.OptionsOrNone.Map);
            return ServerApiAnswer.Done;
        });
    }

    // Two fields, of which either may be absent.
    private static StreamPosition? Position(ServerApiFields fields, string name)
    {
        var position = new StreamPosition(fields.WholeNumber($"{name}_offset"), fields.Text($"{name}_epoch"));
        return position is { Offset: 0, Epoch: "" } ? null : position;
    }

    private static MapChange ChangeOf(ChannelOptions options, string key, ServerPublication publication, byte[]? streamData, long score, KeyMode mode) => new()
    {
        Key = key,
        Publication = publication.Publication,
        StreamData = streamData is null ? default(ReadOnlyMemory<byte>?) : streamData,
        Score = score,
        KeyMode = mode,
        WantsDelta = options.AllowFossilDelta && (options.DeltaPublish || publication.Options.Delta),
        IdempotencyKey = publication.Options.IdempotencyKey,
        Version = publication.Options.Version,
        VersionEpoch = publication.Options.VersionEpoch,
    };

    private static ServerApiAnswer AnswerOf(MapResult result) => MapOutcomeForClient.ErrorOf(result) is { } error ? error : new MapChangedResult(result);

    private ValueTask<ServerApiAnswer> WithKeyAsync(string name, string key, Func<ResolvedChannel, ValueTask<ServerApiAnswer>> act) =>
        WithAsync(name, channel => MapRules.RefuseKey(key) is { } fault ? new(fault) : act(channel));

    private async ValueTask<ServerApiAnswer> WithAsync(string name, Func<ResolvedChannel, ValueTask<ServerApiAnswer>> act) =>
        !channels.TryFind(name, out var channel, out var error) ? error
        : !channel.OptionsOrNone.IsMap ? ServerApiAnswer.BadRequest("the channel is no map (subscription_type)")
        : await act(channel);
}

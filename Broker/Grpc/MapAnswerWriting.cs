using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Grpc.Messages;
using Google.Protobuf;
using Results = ClawEvents.Broker.Api.Server;

namespace ClawEvents.Broker.Grpc;

/// <summary>The answers about maps as messages. Pure.</summary>
/// <inheritdoc cref="AnswerWriting"/>
internal static class MapAnswerWriting
{
    public static MapPublishResult? Publish(ServerApiAnswer answer) => AnswerWriting.Of(answer, (MapPublishResult message, MapChangedResult result) =>
    {
        message.Offset = result.Result.Position.Offset;
        message.Epoch = result.Result.Position.Epoch;
        message.Suppressed = result.Result.SuppressReason is not null;
        message.SuppressReason = result.Result.SuppressReason ?? "";
    });

    public static MapRemoveResult? Remove(ServerApiAnswer answer) => AnswerWriting.Of(answer, (MapRemoveResult message, MapChangedResult result) =>
    {
        message.Offset = result.Result.Position.Offset;
        message.Epoch = result.Result.Position.Epoch;
        message.Suppressed = result.Result.SuppressReason is not null;
        message.SuppressReason = result.Result.SuppressReason ?? "";
    });

    public static MapReadStateResult? ReadState(ServerApiAnswer answer) => AnswerWriting.Of(answer, (MapReadStateResult message, MapStateResult result) =>
    {
        message.Entries.AddRange(result.Page.Entries.Select(MessageOf));
        message.Offset = result.Page.Top.Offset;
        message.Epoch = result.Page.Top.Epoch;
        message.Cursor = result.Page.Cursor;
    });

    public static MapReadStreamResult? ReadStream(ServerApiAnswer answer) => AnswerWriting.Of(answer, (MapReadStreamResult message, MapStreamResult result) =>
    {
        message.Entries.AddRange(result.Page.Changes.Select(MessageOf));
        message.Offset = result.Page.Top.Offset;
        message.Epoch = result.Page.Top.Epoch;
    });

    public static Messages.MapStatsResult? Stats(ServerApiAnswer answer) =>
        AnswerWriting.Of(answer, (Messages.MapStatsResult message, Results.MapStatsResult result) => message.NumKeys = result.Keys);

    private static MapEntry MessageOf(MapPublication entry)
    {
        var message = new MapEntry
        {
            Key = entry.Key,
            Data = ByteString.CopyFrom(entry.Publication.Data.Span),
            Offset = entry.Offset,
            Score = entry.Score,
            Removed = entry.Removed,
            Time = entry.Time,
        };
        foreach (var (name, value) in entry.Publication.Tags ?? new Dictionary<string, string>())
        {
            message.Tags[name] = value;
        }

        return message;
    }
}

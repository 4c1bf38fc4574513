using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Grpc.Messages;
using ClawEvents.Broker.Protocol;
using Grpc.Core;

namespace ClawEvents.Broker.Grpc;

/// <summary>The server API over gRPC: each call is carried out by the method that its HTTP form has, too. docs/reference/grpc.md</summary>
internal sealed partial class ApiService(ServerApiMethods methods, GrpcOptions options, ILogger<ApiService> logger) : CentrifugoApi.CentrifugoApiBase
{
    public override Task<PublishResponse> Publish(PublishRequest request, ServerCallContext context) =>
        AnswerAsync("publish", RequestReading.FieldsOf(request), answer => new PublishResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Publish(answer) });

    public override Task<BroadcastResponse> Broadcast(BroadcastRequest request, ServerCallContext context) =>
        AnswerAsync("broadcast", RequestReading.FieldsOf(request), answer => new BroadcastResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Broadcast(answer) });

    public override Task<SubscribeResponse> Subscribe(SubscribeRequest request, ServerCallContext context) =>
        AnswerAsync("subscribe", RequestReading.FieldsOf(request), answer => new SubscribeResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Empty<Messages.SubscribeResult>(answer) });

    public override Task<UnsubscribeResponse> Unsubscribe(UnsubscribeRequest request, ServerCallContext context) =>
        AnswerAsync("unsubscribe", RequestReading.FieldsOf(request), answer => new UnsubscribeResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Empty<UnsubscribeResult>(answer) });

    public override Task<DisconnectResponse> Disconnect(DisconnectRequest request, ServerCallContext context) =>
        AnswerAsync("disconnect", RequestReading.FieldsOf(request), answer => new DisconnectResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Empty<DisconnectResult>(answer) });

    public override Task<PresenceResponse> Presence(PresenceRequest request, ServerCallContext context) =>
        AnswerAsync("presence", RequestReading.FieldsOf(request), answer => new PresenceResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Presence(answer) });

    public override Task<PresenceStatsResponse> PresenceStats(PresenceStatsRequest request, ServerCallContext context) =>
        AnswerAsync("presence_stats", RequestReading.FieldsOf(request), answer => new PresenceStatsResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.PresenceStats(answer) });

    public override Task<HistoryResponse> History(HistoryRequest request, ServerCallContext context) =>
        AnswerAsync("history", RequestReading.FieldsOf(request), answer => new HistoryResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.History(answer) });

    public override Task<HistoryRemoveResponse> HistoryRemove(HistoryRemoveRequest request, ServerCallContext context) =>
        AnswerAsync("history_remove", RequestReading.FieldsOf(request), answer => new HistoryRemoveResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Empty<HistoryRemoveResult>(answer) });

    public override Task<InfoResponse> Info(InfoRequest request, ServerCallContext context) =>
        AnswerAsync("info", new MessageFields(), answer => new InfoResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Info(answer) });

    public override Task<RPCResponse> RPC(RPCRequest request, ServerCallContext context) =>
        AnswerAsync("rpc", RequestReading.FieldsOf(request), answer => new RPCResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Empty<RPCResult>(answer) });

    public override Task<RefreshResponse> Refresh(RefreshRequest request, ServerCallContext context) =>
        AnswerAsync("refresh", RequestReading.FieldsOf(request), answer => new RefreshResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Empty<Messages.RefreshResult>(answer) });

    public override Task<ChannelsResponse> Channels(ChannelsRequest request, ServerCallContext context) =>
        AnswerAsync("channels", RequestReading.FieldsOf(request), answer => new ChannelsResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Channels(answer) });

    public override Task<MapPublishResponse> MapPublish(MapPublishRequest request, ServerCallContext context) =>
        AnswerAsync("map_publish", RequestReading.FieldsOf(request), answer => new MapPublishResponse { Error = AnswerWriting.ErrorIn(answer), Result = MapAnswerWriting.Publish(answer) });

    public override Task<MapRemoveResponse> MapRemove(MapRemoveRequest request, ServerCallContext context) =>
        AnswerAsync("map_remove", RequestReading.FieldsOf(request), answer => new MapRemoveResponse { Error = AnswerWriting.ErrorIn(answer), Result = MapAnswerWriting.Remove(answer) });

    public override Task<MapReadStateResponse> MapReadState(MapReadStateRequest request, ServerCallContext context) =>
        AnswerAsync("map_read_state", RequestReading.FieldsOf(request), answer => new MapReadStateResponse { Error = AnswerWriting.ErrorIn(answer), Result = MapAnswerWriting.ReadState(answer) });

    public override Task<MapReadStreamResponse> MapReadStream(MapReadStreamRequest request, ServerCallContext context) =>
        AnswerAsync("map_read_stream", RequestReading.FieldsOf(request), answer => new MapReadStreamResponse { Error = AnswerWriting.ErrorIn(answer), Result = MapAnswerWriting.ReadStream(answer) });

    public override Task<MapStatsResponse> MapStats(MapStatsRequest request, ServerCallContext context) =>
        AnswerAsync("map_stats", RequestReading.FieldsOf(request), answer => new MapStatsResponse { Error = AnswerWriting.ErrorIn(answer), Result = MapAnswerWriting.Stats(answer) });

    public override Task<MapClearResponse> MapClear(MapClearRequest request, ServerCallContext context) =>
        AnswerAsync("map_clear", RequestReading.FieldsOf(request), answer => new MapClearResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Empty<MapClearResult>(answer) });

    public override Task<SharedPollPublishResponse> SharedPollPublish(SharedPollPublishRequest request, ServerCallContext context) =>
        AnswerAsync("shared_poll_publish", RequestReading.FieldsOf(request), answer => new SharedPollPublishResponse { Error = AnswerWriting.ErrorIn(answer), Result = AnswerWriting.Empty<SharedPollPublishResult>(answer) });

    public override Task<BatchResponse> Batch(BatchRequest request, ServerCallContext context) => ReportAsync("batch", async () =>
    {
        var calls = request.Commands.Select(RequestReading.CallIn).ToList();
        var answers = await ServerApiBatch.RunAsync(
            calls.ConvertAll(call => call is { } named ? Prepare(named.Method, named.Fields) : ServerApiBatch.NoMethod), request.Parallel);
        var response = new BatchResponse();
        response.Replies.AddRange(calls.Zip(answers, (call, answer) => AnswerWriting.ReplyOf(call?.Method, answer)));
        return response;
    });

    // An unavailable store is an error of the reply.
    private Task<TResponse> AnswerAsync<TResponse>(string method, MessageFields fields, Func<ServerApiAnswer, TResponse> respond) => ReportAsync(method, async () =>
    {
        var answer = await ServerApiMethods.TryAsync(Prepare(method, fields));
        return answer.Error is { } error && options.ApiErrorsAreStatuses
            ? throw new RpcException(new Status(StatusOf(error), error.Message))
            : respond(answer);
    });

    // The library's own log is off: callers could fill it.
    private async Task<TResponse> ReportAsync<TResponse>(string method, Func<Task<TResponse>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            Log.CallFailed(logger, exception, method);
            throw new RpcException(new Status(StatusCode.Internal, "internal server error"));
        }
    }

    private ServerApiCall Prepare(string method, MessageFields fields) => methods.All[method](fields);

    // The same classes as over HTTP: docs/reference/server-api.md
    private static StatusCode StatusOf(ErrorCode error) => error.Code switch
    {
        102 or 104 => StatusCode.NotFound,
        107 or 108 => StatusCode.InvalidArgument,
        112 => StatusCode.OutOfRange,
        _ => StatusCode.Internal,
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The call {Method} over gRPC failed.")]
        public static partial void CallFailed(ILogger logger, Exception exception, string method);
    }
}

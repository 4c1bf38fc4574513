using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands.Maps;

/// <summary>Subscribes a client to a map, over as many requests as the map has pages. docs/reference/protocol.md#maps</summary>
/// <remarks>
/// The pages of the state show the map as it was at the first one, apart from keys that have changed since. The last page, or a page of the stream, brings
/// those changes, and with them the subscription begins: it keeps what is delivered from before that read on, and its position says what of it the client has.
/// A subscribe that is refused leaves nothing behind: the client begins again.
/// </remarks>
internal sealed class MapSubscribing(IMapEngine engine, SubscriptionOpening opening)
{
    private static readonly ErrorCode NoStream = ErrorCode.BadRequest.Because("bad request: an ephemeral map has no stream (phase 1)");
    private static readonly ErrorCode UnknownPhase = ErrorCode.BadRequest.Because("bad request: phase is 2 (state), 1 (stream) or 0 (live)");

    /// <summary>Answers the first request.</summary>
    /// <param name="connection">An identified one.</param>
    /// <param name="plan">Of the subscription.</param>
    /// <param name="request">The page that it asks for.</param>
    /// <returns>Null when it was answered, otherwise the error to answer with, unless the connection is closing.</returns>
    /// <exception cref="Faults.StoreUnavailableException">The engine is away.</exception>
    public async ValueTask<ErrorCode?> BeginAsync(ClientConnection connection, SubscriptionPlan plan, MapRequest request)
    {
        if (request is { Cursor.Length: > 0 } or { Phase: MapPhase.Stream, Recover: false })
        {
            return AccessError.Of(AccessRule.NotSubscribed, plan.Channel.Name);
        }

        var subscription = plan.MakeMapSubscription(connection);
        if (!connection.Subscriptions.TryJoin(subscription, out var error))
        {
            return error;
        }

        var paging = new MapPaging(connection, subscription, plan);
        paging.Begin();
        return await AnswerAsync(paging, request, isFirst: true);
    }

    /// <summary>Answers another request of a client that is reading pages.</summary>
    /// <inheritdoc cref="BeginAsync"/>
    public ValueTask<ErrorCode?> ContinueAsync(MapPaging paging, MapRequest request) => AnswerAsync(paging, request, isFirst: false);

    private async ValueTask<ErrorCode?> AnswerAsync(MapPaging paging, MapRequest request, bool isFirst)
    {
        ErrorCode? error = null;
        var isAnswered = false;
        try
        {
            if (isFirst)
            {
                // A map without a stream keeps what is delivered from here on.
                paging.Connection.Outbound.SetKeeping(paging.Subscription, !paging.Options.KeepsStream);
                error = await opening.AdmitAsync(paging.Connection, paging.Subscription, paging.Plan);
            }

            error ??= await AnswerPageAsync(paging, request);
            isAnswered = error is null;
        }
        finally
        {
            if (!isAnswered)
            {
                paging.End();
                await opening.AbandonAsync(paging.Connection, paging.Subscription);
            }
        }

        if (request.Recover && paging.Subscription.Paging is null)
        {
            paging.Connection.Services.Metrics.Recovered(error is null);
        }

        return error;
    }

    private ValueTask<ErrorCode?> AnswerPageAsync(MapPaging paging, MapRequest request) => request.Phase switch
    {
        _ when paging.Start is { } start && request.Since.Epoch.Length > 0 && request.Since.Epoch != start.Epoch => new(ErrorCode.UnrecoverablePosition),
        MapPhase.State => AnswerStateAsync(paging, request),
        MapPhase.Stream => paging.Options.KeepsStream ? AnswerStreamAsync(paging, request) : new(NoStream),
        MapPhase.Live => AnswerLiveAsync(paging, request),
        _ => new(UnknownPhase),
    };

    private async ValueTask<ErrorCode?> AnswerStateAsync(MapPaging paging, MapRequest request)
    {
        var filter = new MapStateFilter(request.Limit, request.Cursor, request.Ascending);
        if (MapRules.Refuse(paging.Options, filter) is { } fault)
        {
            return fault;
        }

        var page = await engine.ReadStateAsync(paging.Channel, paging.Options, filter);
        paging.Start ??= page.Top;
        if (page.Top.Epoch != paging.Start.Value.Epoch || (request.Since.Epoch.Length > 0 && request.Since.Epoch != page.Top.Epoch))
        {
            return ErrorCode.UnrecoverablePosition;
        }

        var result = MapReplies.State(paging, page);
        return page.Cursor.Length > 0 ? SendPage(paging, request, result)
            : paging.Options.KeepsStream ? await EndStateAsync(paging, request, result)
            : await GoLiveAsync(paging, request, result, paging.Start.Value);
    }

    // The last page of the state goes out as the reply of a live subscription, when one page holds what has changed since the first one.
    private async ValueTask<ErrorCode?> EndStateAsync(MapPaging paging, MapRequest request, SubscribeResult state)
    {
        var page = await ReadStreamAsync(paging, paging.Start!.Value, Math.Min(request.Limit, paging.Options.LiveTransitionLimit));
        if (page.Top.Epoch != paging.Start.Value.Epoch)
        {
            return ErrorCode.UnrecoverablePosition;
        }

        return MapRecovery.IsComplete(paging.Start.Value, page)
            ? await GoLiveAsync(paging, request, MapReplies.Changes(paging, page, isLast: true) with { State = state.State }, page.Top)
            : SendPage(paging, request, state);
    }

    private async ValueTask<ErrorCode?> AnswerStreamAsync(MapPaging paging, MapRequest request)
    {
        var isLast = paging.Goal is { } goal && (goal <= request.Since.Offset || goal - request.Since.Offset <= (ulong)request.Limit);
        var page = await ReadStreamAsync(paging, request.Since, isLast ? paging.Options.LiveTransitionLimit : request.Limit);
        if (!MapRecovery.Follows(request.Since, page))
        {
            return ErrorCode.UnrecoverablePosition;
        }

        paging.Goal ??= page.Top.Offset;
        return MapRecovery.IsComplete(request.Since, page) ? await GoLiveAsync(paging, request, MapReplies.Changes(paging, page, isLast: true), page.Top)
            : isLast ? ErrorCode.UnrecoverablePosition
            : SendPage(paging, request, MapReplies.Changes(paging, page, isLast: false));
    }

    private async ValueTask<ErrorCode?> AnswerLiveAsync(MapPaging paging, MapRequest request)
    {
        if (!paging.Options.KeepsStream)
        {
            return await GoLiveAsync(paging, request, default, default);
        }

        var page = await ReadStreamAsync(paging, request.Since, paging.Options.LiveTransitionLimit);
        return MapRecovery.IsComplete(request.Since, page)
            ? await GoLiveAsync(paging, request, MapReplies.Changes(paging, page, isLast: true), page.Top)
            : ErrorCode.UnrecoverablePosition;
    }

    // What is delivered from before the read on is kept, in case the subscription begins with it.
    private ValueTask<MapStreamPage> ReadStreamAsync(MapPaging paging, StreamPosition since, int limit)
    {
        paging.Connection.Outbound.SetKeeping(paging.Subscription, isKeeping: true);
        return engine.ReadStreamAsync(paging.Channel, paging.Options, new HistoryFilter(limit, since));
    }

    private static ErrorCode? SendPage(MapPaging paging, MapRequest request, in SubscribeResult result)
    {
        if (paging.Options.KeepsStream)
        {
            paging.Connection.Outbound.SetKeeping(paging.Subscription, isKeeping: false);
        }

        var message = FrameWriter.Begin();
        paging.Connection.Send(message, paging.Connection.Codec.TryWriteSubscribed(message, request.Id, result));
        return null;
    }

    private async ValueTask<ErrorCode?> GoLiveAsync(MapPaging paging, MapRequest request, SubscribeResult page, StreamPosition top)
    {
        if (paging.Subscription.HasOverflowed)
        {
            // More has changed than may wait for one client.
            return ErrorCode.UnrecoverablePosition;
        }

        paging.Subscription.StartInMapAt(paging.Options.KeepsStream ? top : default);
        var result = MapReplies.Live(paging, opening.StartOf(paging.Plan), page, top, request.Recover);
        var error = await opening.BeginAsync(paging.Connection, paging.Subscription, paging.Plan, result, new SubscribeReply(request.Id));
        if (error is null)
        {
            paging.End();
        }

        return error;
    }
}

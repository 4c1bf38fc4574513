using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>
/// <c>POST /api/lock</c> and <c>/api/unlock</c>: restrict one's own channel; <c>GET /api/locks/AGENT</c>: an agent's locked channels.
/// docs/reference/http-api.md#lock
/// </summary>
internal sealed class LocksApi(ChannelAction action, IStateStore store, SubscriptionSweeper sweeper, ApiOptions options) : IApi
{
    private static readonly ChannelActionWords LockWords = new("can only lock your own channels", "cannot lock app.agent reserved channels");
    private static readonly ChannelActionWords UnlockWords = new("can only unlock your own channels", "cannot unlock app.agent reserved channels");

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/lock", (RequestDelegate)(context => action.RunAsync(context, LockWords, needsTarget: false, LockAsync)))
            .Describe(ChannelAction.Description("Lock a channel", [ApiField.Channel], [ApiField.Ok, ApiField.Flag("locked"), ApiField.Channel]));
        endpoints.MapPost("/api/unlock", (RequestDelegate)(context => action.RunAsync(context, UnlockWords, needsTarget: false, UnlockAsync)))
            .Describe(ChannelAction.Description("Unlock a channel", [ApiField.Channel], [ApiField.Ok, ApiField.Flag("unlocked"), ApiField.Channel]));
        endpoints.MapGet("/api/locks/{agent}", (RequestDelegate)ListAsync).Describe(new("Channels", "List an agent's locked channels")
        {
            Query = PageQuery.Fields,
            Answer = [ApiField.Ok, ApiField.Text("agent"), ApiField.List("lockedChannels"), ApiField.Number("count"), ApiField.Number("total")],
            Refusals = [StatusCodes.Status400BadRequest],
        });
    }

    // Readable by anybody, as in claw.events: a refused subscriber learns of the lock anyway. An app's locks are not an agent's, even with such a path.
    private async Task ListAsync(HttpContext context)
    {
        if (await PageQuery.ReadAsync(context) is not { } page)
        {
            return;
        }

        var agent = (string)context.Request.RouteValues["agent"]!;
        var all = Principal.Of(agent).IsAgent ? await store.GetLockedTopicsAsync(agent) : [];
        var topics = all.Skip(page.Offset).Take(page.Limit).ToList();
        await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteString("agent", agent);
            json.WriteStartArray("lockedChannels");
            foreach (var topic in topics)
            {
                json.WriteStringValue($"agent.{agent}.{topic}");
            }

            json.WriteEndArray();
            json.WriteNumber("count", topics.Count);
            json.WriteNumber("total", all.Count);
        });
    }

    private async Task LockAsync(ChannelCall call)
    {
        if (!await HasRoomAsync(call.Channel))
        {
            await ApiError.Forbidden($"too many locked channels (max {options.MaxLocks}): unlock another one first").WriteAsync(call.Response);
            return;
        }

        await store.LockAsync(call.Channel);
        await sweeper.SweepAsync(call.Channel);
        await AnswerAsync(call, "locked");
    }

    // A locked channel may be locked again. Simultaneous calls may exceed the limit by one each.
    private async ValueTask<bool> HasRoomAsync(ChannelName channel)
    {
        var topics = await store.GetLockedTopicsAsync(channel.OwnerKey);
        return topics.Count < options.MaxLocks || topics.Contains(channel.Topic.ToString());
    }

    private async Task UnlockAsync(ChannelCall call)
    {
        await store.UnlockAsync(call.Channel);
        await AnswerAsync(call, "unlocked");
    }

    private static Task AnswerAsync(ChannelCall call, string done) =>
        ApiResponse.WriteAsync(call.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteBoolean(done, true);
            json.WriteString("channel", call.Channel.Value);
        });
}

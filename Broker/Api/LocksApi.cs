using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>
/// <c>POST /api/lock</c> and <c>/api/unlock</c>: restrict one's own channel; <c>GET /api/locks/AGENT</c>: an agent's locked channels.
/// docs/reference/http-api.md#lock
/// </summary>
internal sealed class LocksApi(ChannelAction action, IStateStore store, SubscriptionSweeper sweeper, ChannelQuotas quotas) : IApi
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/lock", (RequestDelegate)(context => action.RunAsync(context, ChannelActionWords.Lock, needsTarget: false, LockAsync)))
            .Describe(ChannelAction.Description("Lock a channel", [ApiField.Channel], [ApiField.Ok, ApiField.Flag("locked"), ApiField.Channel]));
        endpoints.MapPost("/api/unlock", (RequestDelegate)(context => action.RunAsync(context, ChannelActionWords.Unlock, needsTarget: false, UnlockAsync)))
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
        if (await quotas.FindExcessOfLocksAsync(call.Channel) is { } excess)
        {
            await excess.WriteAsync(call.Response);
            return;
        }

        await store.LockAsync(call.Channel);
        await sweeper.SweepAsync(call.Channel);
        await AnswerAsync(call, "locked");
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

using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary><c>POST /api/grant</c> and <c>/api/revoke</c>: who else may listen to one's own locked channel. docs/reference/http-api.md#grant</summary>
internal sealed class GrantsApi(ChannelAction action, IStateStore store, SubscriptionSweeper sweeper)
{
    private static readonly ChannelActionWords GrantWords =
        new("can only grant access to your own channels", "cannot grant access to app.agent reserved channels");

    private static readonly ChannelActionWords RevokeWords =
        new("can only revoke access from your own channels", "cannot revoke access from app.agent reserved channels");

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/grant", (RequestDelegate)(context => action.RunAsync(context, GrantWords, needsTarget: true, GrantAsync)));
        endpoints.MapPost("/api/revoke", (RequestDelegate)(context => action.RunAsync(context, RevokeWords, needsTarget: true, RevokeAsync)));
    }

    private async Task GrantAsync(HttpResponse response, ChannelName channel, string target)
    {
        await store.GrantAsync(channel, target);
        await AnswerAsync(response, "granted", target, channel);
    }

    private async Task RevokeAsync(HttpResponse response, ChannelName channel, string target)
    {
        await store.RevokeGrantAsync(channel, target);
        await sweeper.SweepAsync(channel);
        await AnswerAsync(response, "revoked", target, channel);
    }

    private static Task AnswerAsync(HttpResponse response, string done, string target, ChannelName channel) =>
        ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteBoolean(done, true);
            json.WriteString("target", target);
            json.WriteString("channel", channel.Value);
        });
}

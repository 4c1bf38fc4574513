using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary><c>POST /api/grant</c> and <c>/api/revoke</c>: other principals' access to one's own locked channel. docs/reference/http-api.md#grant</summary>
internal sealed class GrantsApi(ChannelAction action, IStateStore store, SubscriptionSweeper sweeper, ChannelQuotas quotas) : IApi
{
    /// <summary>Characters of a target. An agent's name has at most 64; names that other back ends sign may be longer.</summary>
    public const int MaxTargetLength = 255;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/grant", (RequestDelegate)(context => action.RunAsync(context, ChannelActionWords.Grant, needsTarget: true, GrantAsync))).Describe(Description("Grant access to a locked channel", "granted"));
        endpoints.MapPost("/api/revoke", (RequestDelegate)(context => action.RunAsync(context, ChannelActionWords.Revoke, needsTarget: true, RevokeAsync))).Describe(Description("Revoke a grant", "revoked"));
    }

    private static ApiDescription Description(string summary, string done) =>
        ChannelAction.Description(summary, [ApiField.Target, ApiField.Channel], [ApiField.Ok, ApiField.Flag(done), ApiField.Target, ApiField.Channel]);

    private async Task GrantAsync(ChannelCall call)
    {
        if (call.Target.Length > MaxTargetLength)
        {
            await ApiError.BadRequest($"target too long (max {MaxTargetLength} characters)").WriteAsync(call.Response);
            return;
        }

        if (await quotas.FindExcessOfGrantsAsync(call.Channel, call.Target) is { } excess)
        {
            await excess.WriteAsync(call.Response);
            return;
        }

        await store.GrantAsync(call.Channel, call.Target);
        await AnswerAsync(call, "granted");
    }

    private async Task RevokeAsync(ChannelCall call)
    {
        await store.RevokeGrantAsync(call.Channel, call.Target);
        await sweeper.SweepAsync(call.Channel);
        await AnswerAsync(call, "revoked");
    }

    private static Task AnswerAsync(ChannelCall call, string done) =>
        ApiResponse.WriteAsync(call.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteBoolean(done, true);
            json.WriteString("target", call.Target);
            json.WriteString("channel", call.Channel.Value);
        });
}

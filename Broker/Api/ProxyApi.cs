using ClawEvents.Broker.Api.Description;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;

namespace ClawEvents.Broker.Api;

/// <summary>
/// <c>POST /proxy/subscribe</c> and <c>/proxy/publish</c>: the two questions for a Centrifugo that somebody still keeps in front.
/// docs/reference/http-api.md#proxy
/// </summary>
internal sealed class ProxyApi(ChannelNames channels, ChannelPermissions permissions)
{
    private static readonly byte[] Allowed = [.. "{\"result\":{}}"u8];
    private static readonly byte[] Denied = [.. "{\"error\":{\"code\":403,\"message\":\"permission denied\"}}"u8];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/proxy/subscribe", (RequestDelegate)(context => AnswerAsync(context, permissions.CanSubscribeAsync)))
            .Describe(Description("Ask whether a user may listen"));
        endpoints.MapPost("/proxy/publish", (RequestDelegate)(context =>
            AnswerAsync(context, (principal, channel) => new(permissions.CanPublish(principal, channel)))))
            .Describe(Description("Ask whether a user may publish"));
    }

    private static ApiDescription Description(string summary) => new("Centrifugo in front", summary)
    {
        Body = [ApiField.Channel, ApiField.Text("user", "empty: anonymous").Optional()],
        Answer = [ApiField.Object("result").Optional(), ApiField.Object("error").Optional()],
    };

    // Always 200: Centrifugo takes any other status for a fault of the proxy.
    private async Task AnswerAsync(HttpContext context, Func<Principal, ChannelName, ValueTask<AccessDecision>> ask)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        var isAllowed = fields is not null
            && fields.TryGetText("channel", out var name)
            && fields.TryGetText("user", out var user)
            && channels.TryGet(name, out var channel)
            && await ask(Principal.Of(user), channel) is AccessDecision.Allowed;
        await ApiResponse.WriteAsync(context.Response, isAllowed ? Allowed : Denied);
    }
}

using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Publishing;

namespace ClawEvents.Broker.Api;

/// <summary>
/// <c>POST /proxy/subscribe</c> and <c>/proxy/publish</c>: the two proxy calls of a Centrifugo that still runs in front.
/// docs/reference/http-api.md#proxy
/// </summary>
/// <remarks>
/// The answers say who may do what, so strangers get none: only in development mode, on the internal port, with the server key, or when
/// <c>ProxyEndpoints</c> says so.
/// </remarks>
internal sealed class ProxyApi(
    ChannelResolver channels,
    ChannelPermissions permissions,
    AdvertisedSchemas schemas,
    ServerApiKey key,
    ApiOptions options,
    ChannelPublisher publisher,
    PublishingOptions publishing) : IApi
{
    // Centrifugo passes codes from 400 to 1999 on to its client.
    private const int Mismatch = 400;
    private const int TooLarge = 413;
    private const int TooMany = 429;

    // Centrifugo's are UUIDs.
    private const int MaxClientLength = 64;

    private static readonly ProxyFault DeniedPublish = new(403, "permission denied");

    private static readonly byte[] Allowed = [.. "{\"result\":{}}"u8];
    private static readonly byte[] Denied = [.. "{\"error\":{\"code\":403,\"message\":\"permission denied\"}}"u8];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/proxy/subscribe", InternalPort.Guard(SubscribeAsync, IsOpenTo)).Describe(Description("Ask whether a user may listen"));
        endpoints.MapPost("/proxy/publish", InternalPort.Guard(PublishAsync, IsOpenTo)).Describe(Description(
            "Ask whether a user may publish",
            ApiField.Any("data", "the payload").Optional(),
            ApiField.Text("b64data", "the same in base64").Optional()));
    }

    private bool IsOpenTo(HttpContext context) =>
        options.DevMode || options.ShowsProxyEndpoints || key.IsRight(context.Request) || InternalPort.IsInternal(context);

    private static ApiDescription Description(string summary, params ApiField[] body) => new("Centrifugo in front", summary)
    {
        Body = [ApiField.Channel, ApiField.Text("user", "empty: anonymous").Optional(), .. body],
        Answer = [ApiField.Object("result").Optional(), ApiField.Object("error").Optional()],
        Refusals = [StatusCodes.Status404NotFound],
    };

    // Always 200: Centrifugo treats any other status as a fault of the proxy.
    private async Task SubscribeAsync(HttpContext context)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        var isAllowed = TryRead(fields, out var user, out var channel)
            && (await permissions.CanSubscribeAsync(user, channel)).IsAllowed();
        await ApiResponse.WriteAsync(context.Response, isAllowed ? Allowed : Denied);
    }

    private async Task PublishAsync(HttpContext context)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        var refusal = TryRead(fields, out var user, out var channel) ? await RefusalOfAsync(user, channel, fields) : DeniedPublish;
        await (refusal is { } fault ? WriteFaultAsync(context.Response, fault) : ApiResponse.WriteAsync(context.Response, Allowed));
    }

    // The same checks as for a publish through any other door, since Centrifugo makes none of them.
    private async ValueTask<ProxyFault?> RefusalOfAsync(Principal user, ResolvedChannel channel, RequestFields fields)
    {
        if (channel.Name.IsClaw && await publisher.FindRateExcessAsync(SenderOf(user, fields)) is not null)
        {
            return new(TooMany, publisher.RateRule);
        }

        return !permissions.CanPublish(user, channel).IsAllowed() ? DeniedPublish
            : !channel.Name.IsClaw ? null
            : !TryGetData(fields, out var data) ? new(Mismatch, "data must be JSON")
            : data.Length > publishing.MaxPayloadBytes ? new(TooLarge, publisher.SizeRule)
            : channel.Name.IsLockable && await schemas.FindMismatchesAsync(channel.Name, data) is [var first, ..] ? new(Mismatch, first.ToString())
            : null;
    }

    // Anonymous clients are counted one by one, by the id that Centrifugo gives them.
    private static string SenderOf(Principal user, RequestFields fields) =>
        user.IsAnonymous && fields.TryGetText("client", out var client) && client.Length is > 0 and <= MaxClientLength ? $"{user.Name} {client}" : user.Name;

    private bool TryRead([NotNullWhen(true)] RequestFields? fields, out Principal user, out ResolvedChannel channel)
    {
        (user, channel) = (Principal.Anonymous, default);
        if (fields is null || !fields.TryGetText("channel", out var name) || !fields.TryGetText("user", out var subject))
        {
            return false;
        }

        user = Principal.Of(subject);
        return channels.TryResolve(name, out channel);
    }

    // A proxy that sends no data asks only for the permission: it counts as null, which no schema is held against.
    private static bool TryGetData(RequestFields fields, out ReadOnlyMemory<byte> data)
    {
        data = fields.GetRaw("data");
        if (!fields.TryGetText("b64data", out var base64))
        {
            return false;
        }

        if (base64.Length > 0)
        {
            var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
            if (!Convert.TryFromBase64String(base64, bytes, out var length) || !JsonPayload.IsValid(bytes.AsSpan(0, length)))
            {
                return false;
            }

            data = bytes.AsMemory(0, length);
        }

        return true;
    }

    private static Task WriteFaultAsync(HttpResponse response, ProxyFault fault) => ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject("error");
        json.WriteNumber("code", fault.Code);
        json.WriteString("message", fault.Message);
        json.WriteEndObject();
    });

    private readonly record struct ProxyFault(int Code, string Message);
}

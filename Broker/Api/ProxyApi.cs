using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Channels;
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
internal sealed class ProxyApi(ChannelResolver channels, ChannelPermissions permissions, AdvertisedSchemas schemas) : IApi
{
    // Centrifugo passes codes from 400 to 1999 on to its client.
    private const int Mismatch = 400;

    private static readonly byte[] Allowed = [.. "{\"result\":{}}"u8];
    private static readonly byte[] Denied = [.. "{\"error\":{\"code\":403,\"message\":\"permission denied\"}}"u8];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/proxy/subscribe", (RequestDelegate)SubscribeAsync).Describe(Description("Ask whether a user may listen"));
        endpoints.MapPost("/proxy/publish", (RequestDelegate)PublishAsync).Describe(Description(
            "Ask whether a user may publish",
            ApiField.Any("data", "the payload").Optional(),
            ApiField.Text("b64data", "the same in base64").Optional()));
    }

    private static ApiDescription Description(string summary, params ApiField[] body) => new("Centrifugo in front", summary)
    {
        Body = [ApiField.Channel, ApiField.Text("user", "empty: anonymous").Optional(), .. body],
        Answer = [ApiField.Object("result").Optional(), ApiField.Object("error").Optional()],
    };

    // Always 200: Centrifugo treats any other status as a fault of the proxy.
    private async Task SubscribeAsync(HttpContext context)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        var isAllowed = TryRead(fields, out var user, out var channel)
            && await permissions.CanSubscribeAsync(user, channel) is AccessDecision.Allowed;
        await ApiResponse.WriteAsync(context.Response, isAllowed ? Allowed : Denied);
    }

    private async Task PublishAsync(HttpContext context)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        if (!TryRead(fields, out var user, out var channel) || permissions.CanPublish(user, channel) is not AccessDecision.Allowed)
        {
            await ApiResponse.WriteAsync(context.Response, Denied);
        }
        else if (channel.Name.IsLockable && await FaultOfDataAsync(channel.Name, fields) is { } fault)
        {
            await WriteFaultAsync(context.Response, fault);
        }
        else
        {
            await ApiResponse.WriteAsync(context.Response, Allowed);
        }
    }

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

    // A proxy that sends no data asks only for the permission.
    private async ValueTask<string?> FaultOfDataAsync(ChannelName channel, RequestFields fields) =>
        !TryGetData(fields, out var data) ? "data must be JSON"
        : await schemas.FindMismatchesAsync(channel, data) is [var first, ..] ? first.ToString()
        : null;

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

    private static Task WriteFaultAsync(HttpResponse response, string fault) => ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject("error");
        json.WriteNumber("code", Mismatch);
        json.WriteString("message", fault);
        json.WriteEndObject();
    });
}

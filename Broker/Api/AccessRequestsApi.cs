using System.Buffers;
using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>
/// <c>POST /api/request</c>: asks the owner of a locked channel for access, in public: on <c>public.access</c>, where owners listen.
/// docs/reference/http-api.md#request
/// </summary>
internal sealed class AccessRequestsApi(ChannelAction action, AddressGuard guard, IStateStore store, ChannelPublisher publisher, ChannelResolver channels, PublishingOptions options, TimeProvider time) : IApi
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/api/request", guard.AccessRequest(context => action.RunAsync(context, ChannelActionWords.Request, needsTarget: false, RequestAsync))).Describe(
            ChannelAction.Description("Ask for access to a locked channel", [ApiField.Channel, ApiField.Text("reason").Optional()], [ApiField.Ok, ApiField.Text("message"), ApiField.Object("request")]) with
            {
                Refusals = [StatusCodes.Status403Forbidden, StatusCodes.Status429TooManyRequests],
            });

    private async Task RequestAsync(ChannelCall call)
    {
        if (!call.Fields.TryGetExactText("reason", out var reason))
        {
            await ApiError.BadRequest("reason must be a string").WriteAsync(call.Response);
        }
        else if (await publisher.FindRateExcessAsync(call.Caller.Name) is not null)
        {
            // It becomes a publication, so it counts as one.
            await new ApiError(StatusCodes.Status429TooManyRequests, publisher.RateRule).WriteAsync(call.Response);
        }
        else if (await CheckAsync(call) is { } error)
        {
            await error.WriteAsync(call.Response);
        }
        else
        {
            await PublishAsync(call, reason ?? "");
        }
    }

    private async ValueTask<ApiError?> CheckAsync(ChannelCall call) => await store.GetAccessAsync(call.Channel, call.Caller) switch
    {
        ChannelAccess.Open => ApiError.BadRequest("channel is not locked, access is public"),
        ChannelAccess.Locked when !ChannelPermissions.IsOwner(call.Caller, call.Channel) => null,
        _ => ApiError.BadRequest("you already have access to this channel"),
    };

    private async Task PublishAsync(ChannelCall call, string reason)
    {
        var request = new ArrayBufferWriter<byte>();
        using (var json = ApiResponse.Writer(request))
        {
            Write(json, call, reason);
        }

        if (request.WrittenCount > options.MaxPayloadBytes)
        {
            await ApiError.TooLarge(publisher.SizeRule).WriteAsync(call.Response);
            return;
        }

        if (channels.TryResolve("public.access", out var access))
        {
            await publisher.AnnounceAsync(access, request.WrittenMemory, call.Caller);
        }

        await ApiResponse.WriteAsync(call.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteString("message", "Access request sent to public.access channel");
            json.WritePropertyName("request");
            json.WriteRawValue(request.WrittenSpan);
        });
    }

    private void Write(Utf8JsonWriter json, ChannelCall call, string reason)
    {
        var isApp = call.Channel.Kind is ChannelKind.App;
        var owner = call.Channel.Owner.ToString();
        json.WriteStartObject();
        json.WriteString("type", "access_request");
        json.WriteString("requester", call.Caller.Name);
        json.WriteString("targetChannel", call.Channel.Value);
        json.WriteString("targetType", isApp ? "app" : "agent");
        json.WriteString("targetOwner", call.Channel.OwnerKey);
        json.WriteString("targetAgent", isApp ? null : owner);
        json.WriteString("targetApp", isApp ? owner : null);
        json.WriteString("reason", reason);
        json.WriteNumber("timestamp", time.GetUtcNow().ToUnixTimeMilliseconds());
        json.WriteEndObject();
    }
}

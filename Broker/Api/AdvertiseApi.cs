using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary><c>POST /api/advertise</c> and <c>DELETE /api/advertise</c>: an owner's description of its channel. docs/reference/http-api.md#advertise</summary>
internal sealed class AdvertiseApi(ChannelAction action, IStateStore store, ChannelQuotas quotas, TimeProvider time) : IApi
{
    /// <summary>UTF-16 code units, as claw.events counts.</summary>
    public const int MaxDescriptionLength = 5000;

    /// <summary>Length of the JSON text without the white space between its tokens.</summary>
    public const int MaxSchemaBytes = 32768;

    // Twice the longest schema and description, for white space and escapes.
    private const int MaxBodyBytes = 128 * 1024;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/advertise", (RequestDelegate)(context => action.RunAsync(context, ChannelActionWords.Advertise, needsTarget: false, SetAsync))).Describe(ChannelAction.Description(
            "Advertise a channel",
            [ApiField.Channel, ApiField.Text("description").Optional(), ApiField.Any("schema", "JSON Schema of the payloads").Optional()],
            [ApiField.Ok, ApiField.Object("data", "the advertisement")]) with
        {
            MaxBodyBytes = MaxBodyBytes,
        });
        endpoints.MapDelete("/api/advertise", (RequestDelegate)(context => action.RunAsync(context, ChannelActionWords.RemoveAdvertisement, needsTarget: false, RemoveAsync)))
            .Describe(ChannelAction.Description("Remove an advertisement", [ApiField.Channel], [ApiField.Ok, ApiField.Flag("removed")]));
    }

    private async Task SetAsync(ChannelCall call)
    {
        if (!call.Fields.TryGetExactText("description", out var description))
        {
            await ApiError.BadRequest("description must be a string").WriteAsync(call.Response);
        }
        else if (description?.Length > MaxDescriptionLength)
        {
            await ApiError.TooLarge($"description too long (max {MaxDescriptionLength} chars)").WriteAsync(call.Response);
        }
        else if (call.Fields.GetCompact("schema") is var schema && schema?.Length > MaxSchemaBytes)
        {
            await ApiError.TooLarge($"schema too large (max {MaxSchemaBytes} bytes)").WriteAsync(call.Response);
        }
        else if (await quotas.FindExcessOfAdvertisementsAsync(call.Channel) is { } excess)
        {
            await excess.WriteAsync(call.Response);
        }
        else
        {
            await StoreAsync(call.Response, new Advertisement(call.Channel, description, Text(schema), time.GetUtcNow().ToUnixTimeMilliseconds()));
        }
    }

    private async Task StoreAsync(HttpResponse response, Advertisement advertisement)
    {
        await store.SetAdvertisementAsync(advertisement);
        await ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteStartObject("data");
            AdvertisementJson.WriteFields(json, advertisement);
            json.WriteEndObject();
        });
    }

    private async Task RemoveAsync(ChannelCall call)
    {
        await store.RemoveAdvertisementAsync(call.Channel);
        await ApiResponse.WriteAsync(call.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteBoolean("removed", true);
        });
    }

    private static string? Text(byte[]? json) => json is null ? null : System.Text.Encoding.UTF8.GetString(json);
}

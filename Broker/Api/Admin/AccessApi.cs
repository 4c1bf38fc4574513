using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api.Admin;

/// <summary><c>GET /api/access</c>: who may listen to a channel, or which channels an owner has locked. docs/reference/http-api.md#access</summary>
internal sealed class AccessApi(OperatorDoor door, ChannelNames channels, IStateStore store) : IApi
{
    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/api/access", door.Guard(HandleAsync)).Describe(new("Operation", "Locks and grants of a channel, or of an owner")
    {
        Caller = ApiCaller.Key,
        Query = [ApiField.Channel.Optional(), ApiField.Text("owner", "instead: an agent, or app:NAME").Optional()],
        Answer =
        [
            ApiField.Ok, ApiField.Text("owner"), ApiField.Channel.Optional(), ApiField.Flag("lockable").Optional(), ApiField.Any("locked", "of a channel true or false, of an owner the locked channels"),
            ApiField.List("granted", "users that may listen while it is locked").Optional(), ApiField.Flag("advertised").Optional(),
        ],
        Refusals = [StatusCodes.Status400BadRequest],
    });

    private Task HandleAsync(HttpContext context)
    {
        var query = context.Request.Query;
        return query["owner"].ToString() is { Length: > 0 } owner ? WriteOwnerAsync(context.Response, owner)
            : channels.TryGet(query["channel"].ToString(), out var channel) ? WriteChannelAsync(context.Response, channel)
            : ApiError.BadRequest("channel or owner required").WriteAsync(context.Response);
    }

    private async Task WriteChannelAsync(HttpResponse response, ChannelName channel)
    {
        var isLocked = await store.IsLockedAsync(channel);
        var granted = channel.IsLockable ? await store.GetGrantedAsync(channel) : [];
        var isAdvertised = channel.Owner.Length > 0 && await store.GetAdvertisementAsync(channel) is not null;
        await ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteString("channel", channel.Value);
            json.WriteString("owner", channel.Owner.Length > 0 ? channel.OwnerKey : null);
            json.WriteBoolean("lockable", channel.IsLockable);
            json.WriteBoolean("locked", isLocked);
            json.WriteStartArray("granted");
            foreach (var user in granted)
            {
                json.WriteStringValue(user);
            }

            json.WriteEndArray();
            json.WriteBoolean("advertised", isAdvertised);
        });
    }

    private async Task WriteOwnerAsync(HttpResponse response, string owner)
    {
        var topics = await store.GetLockedTopicsAsync(owner);
        var prefix = owner.StartsWith(Principal.AppPrefix, StringComparison.Ordinal) ? $"app.{owner[Principal.AppPrefix.Length..]}" : $"agent.{owner}";
        await ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteString("owner", owner);
            json.WriteStartArray("locked");
            foreach (var topic in topics)
            {
                json.WriteStringValue($"{prefix}.{topic}");
            }

            json.WriteEndArray();
        });
    }
}

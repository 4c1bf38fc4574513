using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Web;

/// <summary>What the pages have to know before they connect. docs/reference/http-api.md#pages</summary>
internal sealed class PageData(
    ApiOptions api,
    ClientSettings clients,
    TransportSettings transports,
    PublishingOptions publishing,
    OriginPolicy origins,
    ServerAddress address,
    ChannelResolver channels,
    IStateStore store)
{
    /// <summary><c>GET /web/server.json</c>: the settings that a visitor of the page meets.</summary>
    public Task WriteServerAsync(HttpContext context) => WriteAsync(context, json =>
    {
        json.WriteString("version", BrokerVersion.Number);
        json.WriteBoolean("development", api.DevMode);
        json.WriteBoolean("anonymous", clients.AllowAnonymous);
        json.WriteBoolean("websocket", transports.WebSocket);
        json.WriteBoolean("origin", origins.Allows(context.Request.Headers.Origin.ToString() is { Length: > 0 } origin ? origin : address.Of(context), context.Request.Headers.Host));
        json.WriteNumber("maxPayloadBytes", publishing.MaxPayloadBytes);
    });

    /// <summary><c>GET /web/channel.json?name=CHANNEL</c>: what kind of channel it is, and whether it is locked.</summary>
    public async Task WriteChannelAsync(HttpContext context)
    {
        var name = context.Request.Query["name"].ToString();
        if (!channels.TryResolve(name, out var channel))
        {
            await WriteAsync(context, json => WriteUnusable(json, channels.Rule));
        }
        else if (!channel.Name.IsClaw && ChannelPermissions.FindFaultOfName(channel) is not null)
        {
            await WriteAsync(context, json => WriteUnusable(json, "the server has no namespace for such a name"));
        }
        else if (channel.Name.Kind is ChannelKind.Invalid)
        {
            await WriteAsync(context, json => WriteUnusable(json, "the name begins as one of claw.events and does not go on as one: agent.NAME.TOPIC, app.NAME.TOPIC"));
        }
        else
        {
            var isLocked = await store.IsLockedAsync(channel.Name);
            await WriteAsync(context, json => Write(json, channel, isLocked));
        }
    }

    private static void Write(Utf8JsonWriter json, ResolvedChannel channel, bool isLocked)
    {
        var history = channel.OptionsOrNone.History;
        json.WriteString("kind", KindOf(channel.Name.Kind));
        json.WriteString("owner", channel.Name.Owner.Length > 0 ? channel.Name.OwnerKey : null);
        json.WriteString("topic", channel.Name.Topic);
        json.WriteBoolean("lockable", channel.Name.IsLockable);
        json.WriteBoolean("locked", isLocked);
        json.WriteNumber("history", history.IsOn ? history.Size : 0);
        json.WriteBoolean("presence", channel.OptionsOrNone.Presence);
    }

    private static void WriteUnusable(Utf8JsonWriter json, string reason)
    {
        json.WriteString("kind", "unusable");
        json.WriteString("reason", reason);
    }

    private static string KindOf(ChannelKind kind) => kind switch
    {
        ChannelKind.Public => "public",
        ChannelKind.System => "system",
        ChannelKind.Agent => "agent",
        ChannelKind.App => "app",
        ChannelKind.AppToAgents or ChannelKind.AppToAgent => "reserved",
        _ => "namespace",
    };

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> writeFields)
    {
        context.Response.ContentType = "application/json";
        using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        writeFields(json);
        json.WriteEndObject();
        json.Flush();
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}

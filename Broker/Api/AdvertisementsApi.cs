using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>
/// Advertisements, readable by anybody: <c>GET /api/advertise/list</c>, <c>/search</c>, <c>/AGENT</c>, <c>/AGENT/TOPIC</c> and
/// <c>GET /api/profile/AGENT</c>. docs/reference/http-api.md#advertisements
/// </summary>
/// <remarks>An agent in a path may also be an app, as <c>app:NAME</c>: the owner's key.</remarks>
internal sealed class AdvertisementsApi(ChannelNames channels, IStateStore store, AddressGuard guard) : IApi
{
    private const int DefaultFound = 20;
    private const int MaxFound = 100;
    private const int MaxQueryLength = 100;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        // These two paths win over agents of that name.
        endpoints.MapGet("/api/advertise/list", guard.Search(ListAsync)).Describe(Description("List advertisements", ApiField.List("channels")));
        endpoints.MapGet("/api/advertise/search", guard.Search(SearchAsync)).Describe(Description("Search advertisements", ApiField.Text("query"), ApiField.List("results")) with
        {
            Query = [ApiField.Text("q"), ApiField.Number("limit", $"maximum number of results, up to {MaxFound}; default {DefaultFound}").Optional()],
            Refusals = [StatusCodes.Status400BadRequest, StatusCodes.Status429TooManyRequests],
        });
        endpoints.MapGet("/api/advertise/{agent}", guard.Search(context => ListOfAgentAsync(context, "advertisements")))
            .Describe(Description("List an agent's advertisements", ApiField.Text("agent"), ApiField.List("advertisements")));
        endpoints.MapGet("/api/advertise/{agent}/{topic}", (RequestDelegate)GetOneAsync).Describe(new(ApiDescription.Advertisements, "Show an advertisement")
        {
            Answer = [ApiField.Ok, ApiField.Channel, ApiField.Text("description"), ApiField.Any("schema"), ApiField.Number("updatedAt", "ms")],
            Refusals = [StatusCodes.Status404NotFound],
        });
        endpoints.MapGet("/api/profile/{agent}", guard.Search(context => ListOfAgentAsync(context, "channels")))
            .Describe(Description("List an agent's advertisements", ApiField.Text("agent"), ApiField.List("channels")));
    }

    private static ApiDescription Description(string summary, params ApiField[] answer) => new(ApiDescription.Advertisements, summary)
    {
        Query = PageQuery.Fields,
        Answer = [ApiField.Ok, .. answer, ApiField.Number("count"), ApiField.Number("total")],
        Refusals = [StatusCodes.Status400BadRequest, StatusCodes.Status429TooManyRequests],
    };

    private async Task ListAsync(HttpContext context)
    {
        if (await PageQuery.ReadAsync(context) is not { } page)
        {
            return;
        }

        var found = await store.FindAdvertisementsAsync(new(page.Offset, page.Limit));
        await ApiResponse.WriteListAsync(context.Response, "channels", found.Items, AdvertisementJson.WriteWithAgent, json =>
        {
            json.WriteNumber("count", found.Items.Count);
            json.WriteNumber("total", found.Total);
        });
    }

    private async Task ListOfAgentAsync(HttpContext context, string name)
    {
        if (await PageQuery.ReadAsync(context) is not { } page)
        {
            return;
        }

        var agent = AgentOf(context);
        var found = await store.FindAdvertisementsAsync(new(page.Offset, page.Limit) { OwnerKey = agent });
        await ApiResponse.WriteListAsync(context.Response, name, found.Items, AdvertisementJson.Write, json =>
        {
            json.WriteString("agent", agent);
            json.WriteNumber("count", found.Items.Count);
            json.WriteNumber("total", found.Total);
        });
    }

    private async Task SearchAsync(HttpContext context)
    {
        var text = context.Request.Query["q"].ToString();
        if (string.IsNullOrWhiteSpace(text))
        {
            await ApiError.BadRequest("search query required (use ?q=<query>)").WriteAsync(context.Response);
            return;
        }

        if (text.Length > MaxQueryLength)
        {
            await ApiError.BadRequest($"search query too long (max {MaxQueryLength} characters)").WriteAsync(context.Response);
            return;
        }

        var found = await store.FindAdvertisementsAsync(new(0, MaxFound) { Text = text });
        var items = found.Items.Take(ReadLimit(context.Request.Query["limit"], found.Total)).ToList();
        await ApiResponse.WriteListAsync(context.Response, "results", items, AdvertisementJson.WriteWithAgent, json =>
        {
            json.WriteString("query", text);
            json.WriteNumber("count", items.Count);
            json.WriteNumber("total", found.Total);
        });
    }

    private async Task GetOneAsync(HttpContext context)
    {
        var name = NameOf(AgentOf(context), (string)context.Request.RouteValues["topic"]!);
        if (channels.TryGet(name, out var channel)
            && channel.IsLockable
            && channel.OwnerKey == AgentOf(context)
            && await store.GetAdvertisementAsync(channel) is { } advertisement)
        {
            await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
            {
                json.WriteBoolean("ok", true);
                AdvertisementJson.WriteFields(json, advertisement);
            });
        }
        else
        {
            await new ApiError(StatusCodes.Status404NotFound, "not found").WriteAsync(context.Response);
        }
    }

    private static string AgentOf(HttpContext context) => (string)context.Request.RouteValues["agent"]!;

    // A dot in the agent's name would make it a channel of another agent; the caller compares the owner.
    private static string NameOf(string agent, string topic) =>
        agent.StartsWith(Principal.AppPrefix, StringComparison.Ordinal) ? $"app.{agent[Principal.AppPrefix.Length..]}.{topic}" : $"agent.{agent}.{topic}";

    // Read as claw.events does: a text that is not a number gives nothing, and a negative number leaves out that many at the end.
    private static int ReadLimit(string? text, int total) =>
        text is null ? DefaultFound
        : !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) ? 0
        : limit < 0 ? (int)Math.Max(0, (long)total + limit)
        : limit;
}

using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Telemetry.Traffic;

namespace ClawEvents.Broker.Api.Server;

/// <summary><c>GET /api/top</c>, with the key of the server API: the channels with the most traffic, or exact counts of named ones. docs/reference/http-api.md#top</summary>
internal sealed class TopApi(ServerApiKey key, ITopSurvey survey) : IApi
{
    private const int DefaultLimit = 20;

    private static readonly string[] Kinds = ["messages", "bytes", "deliveries", "subscribers"];

    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/api/top", (RequestDelegate)HandleAsync).Describe(new("Operation", "The channels with the most traffic")
    {
        Caller = ApiCaller.Key,
        Query =
        [
            ApiField.Text("by", string.Join(", ", Kinds)).Optional(),
            ApiField.Number("limit", $"1 to {ChannelTraffic.Capacity}").Optional(),
            ApiField.Text("node", "an id: this node alone").Optional(),
            ApiField.Text("channel", $"exact counts from now on; up to {ITopSurvey.MaxNamed}, each with its name before").Optional(),
        ],
        Answer =
        [
            ApiField.Ok, ApiField.Text("by").Optional(), ApiField.Any("seconds", "the time in which they were counted").Optional(), ApiField.List("channels"),
            ApiField.Number("others", "no other channel has more").Optional(), ApiField.List("nodes", "ids of those that have answered"),
        ],
        Refusals = [StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound],
    });

    private async Task HandleAsync(HttpContext context)
    {
        if (!key.IsRight(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var query = context.Request.Query;
        var kind = Array.IndexOf(Kinds, query.TryGetValue("by", out var by) ? by.ToString() : Kinds[0]);
        string[] channels = [.. query["channel"].OfType<string>()];
        var limit = DefaultLimit;
        if (kind < 0)
        {
            await ApiError.BadRequest($"by must be one of {string.Join(", ", Kinds)}").WriteAsync(context.Response);
        }
        else if (query.TryGetValue("limit", out var written) && !(int.TryParse(written, out limit) && limit is >= 1 and <= ChannelTraffic.Capacity))
        {
            await ApiError.BadRequest($"limit must be a number from 1 to {ChannelTraffic.Capacity}").WriteAsync(context.Response);
        }
        else if (channels.Length > ITopSurvey.MaxNamed || !channels.All(channel => ChannelName.TryParse(channel, out _)))
        {
            await ApiError.BadRequest($"channel must be the name of a channel, and may be repeated up to {ITopSurvey.MaxNamed} times").WriteAsync(context.Response);
        }
        else
        {
            await AnswerAsync(context.Response, (TrafficKind)kind, limit, [.. channels.Distinct(StringComparer.Ordinal)], query["node"]);
        }
    }

    private async Task AnswerAsync(HttpResponse response, TrafficKind kind, int limit, string[] channels, string? node)
    {
        var nodes = await survey.AskAsync(kind, channels);
        nodes = node is null ? nodes : [.. nodes.Where(answer => answer.Node == node)];
        if (nodes.Count == 0)
        {
            await new ApiError(StatusCodes.Status404NotFound, "no node of that id has answered").WriteAsync(response);
            return;
        }

        await ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            if (channels.Length > 0)
            {
                WriteWatched(json, nodes);
            }
            else
            {
                WriteTop(json, kind, TrafficSummary.Merge([.. nodes.Select(answer => answer.Summary)], limit));
            }

            json.WriteStartArray("nodes");
            foreach (var answer in nodes)
            {
                json.WriteStringValue(answer.Node);
            }

            json.WriteEndArray();
        });
    }

    private static void WriteTop(Utf8JsonWriter json, TrafficKind kind, TrafficSummary top)
    {
        json.WriteString("by", Kinds[(int)kind]);
        json.WriteNumber("seconds", Math.Round(top.Seconds, 1));
        json.WriteStartArray("channels");
        foreach (var (channel, count, error) in top.Entries)
        {
            json.WriteStartObject();
            json.WriteString("channel", channel);
            json.WriteNumber("count", count);
            json.WriteNumber("error", error);
            if (top.Seconds > 0)
            {
                json.WriteNumber("perSecond", Math.Round(count / top.Seconds, 2));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("others", top.Floor);
    }

    // A node that began to count later misses what it had before: the shortest time is what all nodes have counted.
    private static void WriteWatched(Utf8JsonWriter json, IReadOnlyList<NodeTop> nodes)
    {
        json.WriteStartArray("channels");
        foreach (var counts in nodes.SelectMany(node => node.Watched).GroupBy(watched => watched.Channel, StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("channel", counts.Key);
            json.WriteNumber("messages", counts.Sum(node => node.Messages));
            json.WriteNumber("bytes", counts.Sum(node => node.Bytes));
            json.WriteNumber("deliveries", counts.Sum(node => node.Deliveries));
            json.WriteNumber("subscribers", counts.Sum(node => node.Subscribers));
            json.WriteNumber("seconds", Math.Round(counts.Min(node => node.Seconds), 1));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

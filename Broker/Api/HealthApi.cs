using System.Text.Json;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Api;

/// <summary><c>GET /health</c>, or another configured path: whether the broker answers, its store can save changes, and the bus works. With <c>/ready</c> the same, and that the node is not drained; with <c>/live</c> only whether its threads work. docs/reference/http-api.md#health</summary>
/// <remarks>
/// The exact fault is only logged, because anybody may call this. A Redis without memory is 200: it serves subscribers, reads and publications
/// without history. A queue that is away is 200, too. All nodes have the same Redis, and a load balancer that took them all away would make that partial fault a whole one.
/// </remarks>
internal sealed class HealthApi(ApiOptions options, IStateStore store, INodeBus bus, ReactorPool reactors, Drain drain, IEnumerable<IHealthPart> parts) : IApi
{
    private static readonly string[] RefusedByStore = ["locks", "grants", "advertisements", "logins", "apps", "publishes of agents and apps", "timers"];

    // Of the channels on the server that is full.
    private static readonly string[] RefusedByChannels = ["publishes with history", "publishes with an idempotency key", "subscribes with presence"];

    // Far more than the longest turn.
    private static readonly TimeSpan MaxTurn = TimeSpan.FromSeconds(2);

    private static readonly ApiField[] Fields =
    [
        ApiField.Ok,
        ApiField.List("degraded", "what is refused because Redis is out of memory").Optional(),
        ApiField.Object("store", "type and ok of the state store; memory full or evicting"),
        ApiField.Object("bus", "ok of the bus between nodes; memory full or evicting"),
        ApiField.Object("consumers", "by the name of each queue: its type and ok").Optional(),
    ];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        if (!options.ShowsHealth)
        {
            return;
        }

        Map(endpoints, "", "Whether the broker can save changes", context => WriteAsync(context, isLeaving: false), Fields);
        Map(endpoints, "/ready", "Whether load balancers may send clients here", context => WriteAsync(context, isLeaving: !drain.IsReady), [ApiField.Flag("draining", "the node is drained").Optional(), .. Fields]);
        Map(endpoints, "/live", "Whether every thread that serves clients takes its turns", WriteLifeAsync, ApiField.Ok);
    }

    private void Map(IEndpointRouteBuilder endpoints, string path, string summary, RequestDelegate handle, params ApiField[] fields) =>
        endpoints.MapGet(options.HealthPath.TrimEnd('/') + path, handle).Describe(new("Operation", summary) { Answer = fields, OtherStatus = StatusCodes.Status503ServiceUnavailable });

    private async Task WriteLifeAsync(HttpContext context)
    {
        var turn = reactors.TurnAsync();
        await turn.WaitAsync(MaxTurn).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var isOk = turn.IsCompletedSuccessfully;
        await ApiResponse.WriteAsync(context.Response, isOk ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, json => json.WriteBoolean("ok", isOk));
    }

    private async Task WriteAsync(HttpContext context, bool isLeaving)
    {
        // In parallel: each may wait for its server, and the answer is due little later than one of them may.
        var finding = bus.FindFaultAsync();
        var asking = bus.FindMemoryAsync();
        var health = await store.CheckHealthAsync();
        var isBusOk = await finding is null;
        var memory = await asking;
        var isOk = health.IsOk && isBusOk && !isLeaving;
        await ApiResponse.WriteAsync(context.Response, isOk ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, json =>
        {
            json.WriteBoolean("ok", isOk);
            if (isLeaving)
            {
                json.WriteBoolean("draining", true);
            }

            WriteDegraded(json, memory);
            json.WriteStartObject("store");
            json.WriteString("type", health.Type);
            json.WriteBoolean("ok", health.IsOk);
            WriteMemory(json, memory.OfStore);
            json.WriteEndObject();
            json.WriteStartObject("bus");
            json.WriteBoolean("ok", isBusOk);
            WriteMemory(json, memory.Worst);
            json.WriteEndObject();
            foreach (var part in parts)
            {
                part.Write(json);
            }
        });
    }

    private static void WriteDegraded(Utf8JsonWriter json, in BusMemory memory)
    {
        if (memory.Worst is not RedisMemory.Full)
        {
            return;
        }

        json.WriteStartArray("degraded");
        foreach (var refused in memory.OfStore is RedisMemory.Full ? RefusedByStore.Concat(RefusedByChannels) : RefusedByChannels)
        {
            json.WriteStringValue(refused);
        }

        json.WriteEndArray();
    }

    private static void WriteMemory(Utf8JsonWriter json, RedisMemory memory)
    {
        if (memory is not RedisMemory.Fine)
        {
            json.WriteString("memory", memory is RedisMemory.Full ? "full" : "evicting");
        }
    }
}

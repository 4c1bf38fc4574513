using System.Diagnostics.Metrics;
using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Queues;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Brokers that read queues, and what they have published: to <c>chat:*</c>, which keeps all of it.</summary>
internal static class ConsumingBroker
{
    private static readonly ChannelOptions Kept = TestNamespaces.Open with { HistorySize = 1_000_000, HistoryTtl = TimeSpan.FromHours(1) };

    /// <param name="consumer">The queue; of one name on all nodes.</param>
    /// <param name="redis">What nodes share; null: the node is alone.</param>
    public static Task<RunningBroker> StartAsync(ConsumerOptions consumer, RedisAddress? redis = null) => StartAsync([consumer], redis);

    /// <summary>Without a queue: a node that shows what others have published.</summary>
    public static Task<RunningBroker> StartObserverAsync(RedisAddress redis) => StartAsync([], redis);

    private static Task<RunningBroker> StartAsync(IReadOnlyList<ConsumerOptions> consumers, RedisAddress? redis) => RunningBroker.StartAsync(
        options => options with
        {
            Namespaces = TestNamespaces.Of(("chat", Kept)),
            Consumers = consumers,
            Identity = options.Identity with { JwtSecret = redis is null ? null : TestToken.Secret },
            State = redis is null ? options.State : options.State with { Redis = [redis] },
        },
        replace: services => AddKinds(services));

    private static void AddKinds(IServiceCollection services)
    {
        foreach (var kind in QueueKinds.All)
        {
            services.AddSingleton(kind);
        }
    }

    /// <summary>The <c>n</c> of all publications of a channel, in their order.</summary>
    public static async Task<int[]> NumbersAsync(this RunningBroker broker, string channel = "chat:0") =>
        [.. (await broker.HistoryAsync(channel)).Select(publication => publication.GetProperty("data").GetProperty("n").GetInt32())];

    /// <summary>How many messages a node has carried out.</summary>
    public static long Processed(this RunningBroker broker)
    {
        var processed = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Name == "clawevents.consumers.processed" && broker.Get<BrokerMetrics>().Owns(instrument))
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => processed += value);
        listener.Start();
        listener.RecordObservableInstruments();
        return processed;
    }

    /// <summary>All publications of a channel.</summary>
    public static async Task<JsonElement[]> HistoryAsync(this RunningBroker broker, string channel = "chat:0")
    {
        var answer = await broker.PostWithKeyAsync("/api/history", $$"""{"channel":"{{channel}}","limit":-1}""");
        return JsonElement.Parse(answer.Body).GetProperty("result").TryGetProperty("publications", out var publications) ? [.. publications.EnumerateArray()] : [];
    }

    /// <summary>How many publications a channel has had.</summary>
    public static async Task<int> OffsetAsync(this RunningBroker broker, string channel)
    {
        var answer = await broker.PostWithKeyAsync("/api/history", $$"""{"channel":"{{channel}}"}""");
        return JsonElement.Parse(answer.Body).GetProperty("result").TryGetProperty("offset", out var offset) ? offset.GetInt32() : 0;
    }

    /// <summary>Waits until so many publications are there, and returns them.</summary>
    public static Task<int[]> AwaitNumbersAsync(this RunningBroker broker, int count, string channel = "chat:0") =>
        Eventually.GetAsync(() => broker.NumbersAsync(channel), numbers => numbers.Length >= count, $"{channel} does not get {count} publications");

    /// <summary>What <c>/health</c> says of a queue.</summary>
    public static async Task<bool> IsOkAsync(this RunningBroker broker, string consumer) =>
        JsonElement.Parse((await broker.SendAsync(HttpMethod.Get, "/health", null)).Body).GetProperty("consumers").GetProperty(consumer).GetProperty("ok").GetBoolean();
}

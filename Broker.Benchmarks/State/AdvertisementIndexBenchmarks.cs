using System.Globalization;
using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Benchmarks.State;

/// <summary>Queries over 10,000 advertisements.</summary>
[MemoryDiagnoser]
public class AdvertisementIndexBenchmarks
{
    private const int Count = 10_000;

    private readonly AdvertisementIndex _index = new();

    [GlobalSetup]
    public void Advertise()
    {
        for (var number = 0; number < Count; number++)
        {
            var channel = BenchmarkChannels.Parse(string.Create(CultureInfo.InvariantCulture, $"agent.agent{number % 500}.topic{number}"));
            _index.Set(new Advertisement(channel, "Prices of electricity in the next hour, by region, with a forecast of wind and sun for the day", null, number));
        }
    }

    [Benchmark]
    public int SearchWithoutMatch() => _index.FindAsync(new AdvertisementQuery(0, 100) { Text = "balloon" }).AsTask().Result.Total;

    [Benchmark]
    public int SearchWhereAllMatch() => _index.FindAsync(new AdvertisementQuery(0, 100) { Text = "WIND" }).AsTask().Result.Total;

    [Benchmark]
    public int LastPage() => _index.FindAsync(new AdvertisementQuery(Count - 100, 100)).AsTask().Result.Total;

    [Benchmark]
    public int PageOfAgent() => _index.FindAsync(new AdvertisementQuery(0, 100) { OwnerKey = "agent7" }).AsTask().Result.Total;
}

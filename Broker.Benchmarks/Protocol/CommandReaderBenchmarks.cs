using System.Text;
using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Benchmarks.Protocol;

/// <summary>Reading one command, as it comes in from a client.</summary>
[MemoryDiagnoser]
public class CommandReaderBenchmarks
{
    private static readonly byte[] Pong = [.. "{}"u8];
    private static readonly byte[] Subscribe = [.. "{\"id\":2,\"subscribe\":{\"channel\":\"public.townsquare\",\"flag\":1}}"u8];
    private static readonly byte[] Publish =
        Encoding.UTF8.GetBytes("{\"id\":3,\"publish\":{\"channel\":\"public.townsquare\",\"data\":{\"text\":\"" + new string('x', 100) + "\",\"n\":1}}}");

    [Benchmark]
    public bool ReadPong() => JsonCommandReader.TryRead(Pong, out _);

    [Benchmark]
    public bool ReadSubscribe() => JsonCommandReader.TryRead(Subscribe, out _);

    [Benchmark]
    public bool ReadPublish() => JsonCommandReader.TryRead(Publish, out _);
}

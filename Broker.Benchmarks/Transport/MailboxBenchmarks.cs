using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Benchmarks.Transport;

/// <summary>The cost of one post to a reactor that is awake, and its share of the taking.</summary>
[MemoryDiagnoser]
public class MailboxBenchmarks
{
    private const int PostsPerTake = 64;

    private readonly Mailbox _mailbox = new(() => { });
    private readonly Action _work = () => { };

    [Benchmark(OperationsPerInvoke = PostsPerTake)]
    public int AddAndTake()
    {
        for (var i = 0; i < PostsPerTake; i++)
        {
            _mailbox.Add(new(_work));
        }

        return _mailbox.Take(out _).Count;
    }
}

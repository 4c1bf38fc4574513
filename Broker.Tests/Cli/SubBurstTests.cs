using System.Globalization;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built <c>sub</c> and a burst that a back end publishes through the real broker. How fast: Broker.Benchmarks/cli-burst.sh.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubBurstTests : IDisposable
{
    private const int Batch = 1_000;

    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [TestCase(5 * Batch)]
    [TestCase(100 * Batch, Category = "Slow")]
    [CancelAfter(120_000)]
    public async Task A_burst_is_printed_whole_and_in_order(int count, CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", broker.Url, "sub", "--verbose", "public.burst"]);
        await process.WaitForErrorAsync("Subscribed to public.burst\n", cancellation);

        var publishing = PublishAsync(broker, count, cancellation);
        for (var number = 1; number <= count; number++)
        {
            var line = await process.ReadLineAsync(cancellation);
            Assert.That(line, Does.Contain($"\"payload\":{Text(number)},"), await PrintedInsteadAsync(process, line));
        }
        await publishing;
    }

    // As a back end does: sends the next batch when the broker has answered the last one.
    private static async Task PublishAsync(CliBroker broker, int count, CancellationToken cancellation)
    {
        for (var first = 1; first <= count; first += Batch)
        {
            var payloads = Enumerable.Range(first, Batch).Select(number => $$$"""{"_claw":{"sender":"bench","timestamp":1},"payload":{{{number}}}}""");
            await broker.PublishAsync("public.burst", payloads, cancellation);
        }
    }

    private static async Task<string> PrintedInsteadAsync(CliProcess process, string? line) =>
        line is null ? (await process.WaitAsync(CancellationToken.None)).Error : line;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The batches that the built <c>subexec</c> collects before it starts a child.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform(Exclude = "Win")]
internal sealed class SubexecBatchProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(30_000)]
    public async Task A_full_buffer_is_one_batch_and_the_rest_goes_at_the_end(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, "--buffer", "2", "c", "--", "/bin/sh", "-c", "echo \"$0\"; echo \"$CLAW_COUNT $CLAW_PAYLOAD\"");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(string.Join('\n', Enumerable.Range(1, 3).Select(i => CliPublication.Push(Text(i)))), cancellation);
        var batch = await ReadBatchAsync(process, cancellation);
        var first = await process.ReadLineAsync(cancellation);
        await process.SignalAsync("TERM", cancellation);
        var rest = await ReadBatchAsync(process, cancellation);
        var result = await process.WaitAsync(cancellation);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(batch, Is.EqualTo("2: 1 2"));
            Assert.That(first, Is.EqualTo("2 [1,2]"));
            Assert.That(rest, Is.EqualTo("1: 3"));
            Assert.That(result.ExitCode, Is.EqualTo(143));
            Assert.That(result.Output, Is.EqualTo("1 [3]\n"));
        }
    }

    [TestCase("--timeout")]
    [TestCase("--max-wait")]
    [TestCase("--quiet-for")]
    [CancelAfter(30_000)]
    public async Task A_batch_ends_by_its_time(string option, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = Start(server, option, "200", "c", "--", "echo");
        var connection = await server.WelcomeNextAsync(cancellation);

        await connection.SendAsync(CliPublication.Push("1") + "\n" + CliPublication.Push("2"), cancellation);

        Assert.That(await ReadBatchAsync(process, cancellation), Is.EqualTo("2: 1 2"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_timeout_ends_the_batch_of_a_channel_that_is_never_silent(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        using var process = CliProcess.Start(
            _home, ["-s", broker.Url, "subexec", "--verbose", "--timeout", "500", "--quiet-for", "30000", "public.steady", "--", "/bin/sh", "-c", "echo \"$CLAW_COUNT\""]);
        await process.WaitForErrorAsync("Subscribed to public.steady\n", cancellation);

        var batch = process.ReadLineAsync(cancellation);
        var published = 0;
        while (!batch.IsCompleted)
        {
            await broker.CallAsync("bob", "/api/publish", """{"channel":"public.steady","payload":1}""", cancellation);
            published++;
        }

        Assert.That(int.Parse((await batch)!, CultureInfo.InvariantCulture), Is.InRange(1, published));
    }

    /// <summary>A batch as <c>count: payload payload</c>.</summary>
    private static async Task<string> ReadBatchAsync(CliProcess process, CancellationToken cancellation)
    {
        using var json = JsonDocument.Parse((await process.ReadLineAsync(cancellation))!);
        var batch = json.RootElement;
        var payloads = batch.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("payload").GetRawText());
        Assert.That(batch.GetProperty("batch").GetBoolean(), Is.True);
        Assert.That(batch.GetProperty("timestamp").GetInt64(), Is.GreaterThan(1_700_000_000_000));
        return $"{batch.GetProperty("count").GetInt32()}: {string.Join(' ', payloads)}";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private CliProcess Start(CliServerDouble server, params string[] arguments) =>
        CliProcess.Start(_home, ["-s", server.Url, "subexec", .. arguments]);
}

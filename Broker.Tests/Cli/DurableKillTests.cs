using System.Globalization;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built <c>subexec --durable</c>, killed again and again while messages arrive.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform(Exclude = "Win")]
internal sealed class DurableKillTests : IDisposable
{
    private const int Parallel = 4;
    private const int Keys = 7;

    // Published ahead of what is handled, so that every kill finds all commands at work.
    private const int Ahead = 200;

    private readonly CliHome _home = new();
    private readonly Random _random = new(7);
    private int _published;

    public void Dispose() => _home.Dispose();

    [TestCase(12)]
    [TestCase(200, Category = "Slow")]
    [CancelAfter(300_000)]
    public async Task Nothing_is_lost_and_only_what_was_under_way_is_repeated(int kills, CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync(change: settings => settings with
        {
            Namespaces = TestNamespaces.Of(("jobs", TestNamespaces.History with { AllowRecovery = true, HistorySize = 50_000 })),
        });
        await File.WriteAllTextAsync(Handled, "", cancellation);
        using (var first = Start(broker, "--verbose"))
        {
            await first.WaitForErrorAsync("Subscribed to jobs:a\n", cancellation);
            await KillAsync(first, cancellation);
        }

        for (var kill = 0; kill < kills; kill++)
        {
            await PublishAheadAsync(broker, cancellation);
            using var process = Start(broker);
            var wanted = HandledCount() + _random.Next(1, 30);
            await Eventually.IsTrueAsync(() => HandledCount() >= wanted, $"kill {kill}: {wanted} are not handled");
            await KillAsync(process, cancellation);
        }

        using var last = Start(broker);
        await Eventually.IsTrueAsync(() => File.ReadLines(Handled).Distinct().Count() == _published, "not all are handled");
        Check(kills);
    }

    private string Handled => Path.Combine(_home.Folder, "handled");

    // O_APPEND: lines of commands that run together do not mix.
    private CliProcess Start(CliBroker broker, params string[] options) => CliProcess.Start(_home, [
        "-s", broker.Url, "subexec", "--durable", "killed", "--max-parallel", $"{Parallel}", "--key", "payload.key", .. options, "jobs:a",
        "--", "/bin/sh", "-c", $"echo \"$CLAW_PAYLOAD\" >>{Handled}"]);

    // Its name is free when it has ended.
    private static async Task KillAsync(CliProcess process, CancellationToken cancellation)
    {
        await process.SignalAsync("KILL", cancellation);
        await process.WaitForExitAsync(cancellation);
    }

    private int HandledCount() => File.ReadLines(Handled).Count();

    private async Task PublishAheadAsync(CliBroker broker, CancellationToken cancellation)
    {
        var until = HandledCount() + Ahead;
        var payloads = new List<string>();
        for (; _published < until; _published++)
        {
            payloads.Add($$"""{"key":{{_published % Keys}},"number":{{_published}}}""");
        }
        if (payloads.Count > 0)
        {
            await broker.PublishAsync("jobs:a", payloads, cancellation);
        }
    }

    private void Check(int kills)
    {
        var numbers = File.ReadLines(Handled).Select(line => int.Parse(line.Split(':', '}')[^2], CultureInfo.InvariantCulture)).ToList();
        var repeated = numbers.Count - _published;
        TestContext.Out.WriteLine($"{kills} kills: {_published} messages, {repeated} handled again");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(numbers.Distinct().Order(), Is.EqualTo(Enumerable.Range(0, _published)));
            Assert.That(repeated, Is.AtMost((kills + 1) * Parallel));
            foreach (var key in numbers.Distinct().GroupBy(number => number % Keys))
            {
                Assert.That(key, Is.Ordered, $"key {key.Key}");
            }
        }
    }
}

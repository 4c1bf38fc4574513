using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary><c>claw.events bench</c> as a process, against the real broker, and against one that delivers badly.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BenchProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [TestCase("--key", RunningBroker.Key, false), TestCase("--register", null, true)]
    [CancelAfter(60_000)]
    public async Task Every_message_of_a_fan_out_is_counted_and_timed(string option, string? value, bool hasOrder, CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        string[] way = value is null ? [option] : [option, value];

        var result = await CliProcess.RunAsync(_home, cancellation,
            ["-s", broker.Url, "--json", "bench", "fanout", "--publishers", "2", "--subscribers", "3", "--count", "100", "--in-flight", "4", "--size", "200", .. way]);

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        using var json = JsonDocument.Parse(result.Output);
        var data = json.RootElement.GetProperty("data");
        var (publishers, subscribers) = (data.GetProperty("publishers"), data.GetProperty("subscribers"));
        Assert.That((publishers.GetProperty("messages").GetInt32(), subscribers.GetProperty("messages").GetInt32()), Is.EqualTo((200, 600)));
        Assert.That(publishers.GetProperty("bytes").GetInt32(), Is.EqualTo(200 * 200));
        Assert.That(subscribers.GetProperty("clients").EnumerateArray().Select(client => client.GetProperty("messages").GetInt32()), Is.EqualTo(new[] { 200, 200, 200 }));
        var delays = subscribers.GetProperty("latencyMicroseconds").EnumerateObject().Select(delay => delay.Value.GetInt64()).ToList();
        Assert.That(delays, Is.Ordered.And.Count.EqualTo(5));
        Assert.That(delays[0], Is.Positive);
        Assert.That((data.GetProperty("lost").GetInt32(), data.GetProperty("duplicated").GetInt32()), Is.EqualTo((0, 0)));
        Assert.That(data.GetProperty("misordered").ValueKind, Is.EqualTo(hasOrder ? JsonValueKind.Number : JsonValueKind.Null));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_subscriber_in_another_process_gets_what_a_publisher_sends(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync();
        using var subscriber = CliProcess.Start(_home, ["-s", broker.Url, "bench", "sub", "--subscribers", "2", "--count", "20", "--duration", "50", "--csv"]);
        using var publisher = CliProcess.Start(_home, ["-s", broker.Url, "bench", "pub", "--key", RunningBroker.Key, "--rate", "50", "--duration", "50"]);

        var counted = await subscriber.WaitAsync(cancellation);
        await publisher.SignalAsync("INT", cancellation);
        var published = await publisher.WaitAsync(cancellation);

        Assert.That((counted.ExitCode, counted.Error), Is.EqualTo((0, $"This puts load on {new Uri(broker.Url).Authority}: its other clients will notice.\n")));
        var lines = counted.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines[0], Does.StartWith("client,messages,bytes,seconds,msgs_per_s"));
        Assert.That(lines[1..].Select(line => string.Join(',', line.Split(',')[..2])), Is.EqualTo(new[] { "sub-1,20", "sub-2,20", "subscribers,40" }));
        Assert.That(published.Output, Does.Contain("publishers").And.Contain("p99.9").And.EndWith("\nlost 0, duplicated 0, misordered 0, refused 0\n"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Refused_messages_are_not_accepted_silently(CancellationToken cancellation)
    {
        await using var broker = await CliBroker.StartAsync(change: options => options with { Publishing = new() { PublishesPerSecond = 5 } });

        var result = await CliProcess.RunAsync(_home, cancellation, "-s", broker.Url, "bench", "pub", "--register", "--count", "50", "--in-flight", "50");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("✗ Error: The benchmark is not clean: lost 0, ").And.Contain(" × rate limit exceeded").And.Contain("PublishesPerSecond"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Lost_duplicated_and_misordered_messages_are_counted(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        using var process = CliProcess.Start(_home, ["-s", server.Url, "bench", "sub", "--count", "4", "--duration", "50"]);
        var connection = await server.WelcomeNextAsync(cancellation);
        foreach (var number in (int[])[5, 6, 6, 9, 8])
        {
            await connection.SendAsync("{\"push\":{\"channel\":\"public.bench\",\"pub\":{\"data\":{\"payload\":{\"bench\":\"0000abcd:0:" + number + ":1\",\"pad\":\"x\"}}}}}", cancellation);
        }

        var result = await process.WaitAsync(cancellation);

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Output, Does.EndWith("\nlost 1, duplicated 1, misordered 1, refused 0\n"));
        Assert.That(result.Error, Does.Contain("✗ Error: The benchmark is not clean: lost 1, duplicated 1, misordered 1"));
    }

    [TestCase("-s https://claw.example bench fanout", "claw.example is not this machine")]
    [TestCase("bench pub", "centrifugo.claw.events is not this machine")]
    [TestCase("-s http://localhost:1 bench pub --size 95", "Invalid --size: 95")]
    [TestCase("-s http://localhost:1 bench sub --subscribers 20001", "Invalid --subscribers: 20001")]
    [TestCase("-s http://localhost:1 bench pub --key -", "The key is missing or contains invalid characters")]
    [TestCase("-s http://localhost:1 bench pub --count 1", "Cannot connect to ws://localhost:1/connection/websocket")]
    public async Task What_cannot_begin_says_why(string line, string error)
    {
        var result = await CliRun.RunAsync(_home, line.Split(' '));

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.Contain($"✗ Error: {error}").And.Contain("How to fix:"));
    }
}

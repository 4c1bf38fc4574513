using System.Diagnostics;
using System.Globalization;

namespace ClawEvents.Broker.Benchmarks.Cluster;

/// <summary>Two broker processes on one redis-server, with one subscriber each: how long a publication takes across, and how many go through.</summary>
/// <remarks><c>dotnet run -c Release --project Broker.Benchmarks -- nodes [ROUNDS]</c>. Needs redis-server in PATH; everything is on loopback, and ends by itself.</remarks>
internal static class NodesRun
{
    private const int Tries = 2_000;
    private const int Publications = 400_000;
    private const int PerRequest = 500;
    private const int PublishersPerNode = 2;

    // So many wait for their delivery at most, as in any publisher that does not outrun its subscribers.
    private const int MaxAhead = 8_000;

    public static async Task RunAsync(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("clawevents-nodes-");
        using var redis = new BenchmarkRedis();
        var nodes = new[] { StartNode(folder.FullName, redis.Url), StartNode(folder.FullName, redis.Url) };
        try
        {
            var ports = await Task.WhenAll(nodes.Select(ReadPortAsync));
            using var here = await NodeSubscriber.ConnectAsync(ports[0], "public.bench");
            using var there = await NodeSubscriber.ConnectAsync(ports[1], "public.bench");
            using var publisher = await NodePublisher.ConnectAsync(ports[0]);
            for (var round = 0; round < rounds; round++)
            {
                await MeasureLatencyAsync(publisher, here, there);
                await MeasureRateAsync(ports, [redis.Process, .. nodes], here, there);
            }
        }
        finally
        {
            foreach (var process in nodes)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureLatencyAsync(NodePublisher publisher, NodeSubscriber here, NodeSubscriber there)
    {
        var body = NodePublisher.BodyOf(1);
        var took = new List<double>();
        for (var i = 0; i < Tries; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            var publishing = publisher.PublishAsync(body);
            await there.ReadAsync(1);
            took.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            await publishing;
            await here.ReadAsync(1);
        }

        took.Sort();
        Say($"publish on one node to delivery on the other, idle: p50 {took[Tries / 2]:F3} ms, p99 {took[Tries * 99 / 100]:F3} ms");
    }

    private static async Task MeasureRateAsync(int[] ports, Process[] processes, NodeSubscriber here, NodeSubscriber there)
    {
        var body = NodePublisher.BodyOf(PerRequest);
        var before = processes.Select(CpuOf).ToArray();
        var delivered = 0;
        var sent = 0;
        var begun = Stopwatch.GetTimestamp();
        var publishing = ports.SelectMany(port => Enumerable.Repeat(port, PublishersPerNode)).Select(async port =>
        {
            using var publisher = await NodePublisher.ConnectAsync(port);
            while (Interlocked.Add(ref sent, PerRequest) <= Publications)
            {
                while (Volatile.Read(ref sent) - Volatile.Read(ref delivered) > MaxAhead)
                {
                    await Task.Delay(1);
                }

                await publisher.PublishAsync(body);
            }
        }).ToArray();
        var receiving = Task.WhenAll(here.ReadAsync(Publications, count => Volatile.Write(ref delivered, count)), there.ReadAsync(Publications));
        await Task.WhenAll(publishing);
        await receiving;
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var cpu = processes.Select(CpuOf).Zip(before, (after, earlier) => (after - earlier).TotalMicroseconds / Publications).ToArray();
        Say($"{Publications} publications by both nodes, each delivered on both: {Publications / seconds:F0}/s; CPU each: redis {cpu[0]:F1} us, nodes {cpu[1]:F1} and {cpu[2]:F1} us");
    }

    private static Process StartNode(string folder, string redis) => Start(
        "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "clawevents-broker.dll")],
        folder,
        ("PORT", "0"),
        ("CLAW_HOST", "127.0.0.1"),
        ("REDIS_URL", redis),
        ("JWT_SECRET", new string('s', 32)),
        ("CENTRIFUGO_API_KEY", NodePublisher.Key));

    private static Process Start(string file, IEnumerable<string> arguments, string folder, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(file, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    // From the line that names the address it listens on; what follows is read so that the pipe does not fill.
    private static async Task<int> ReadPortAsync(Process node)
    {
        while (await node.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Split(' ').FirstOrDefault(word => word.StartsWith("http://", StringComparison.Ordinal)) is { } url)
            {
                _ = node.StandardOutput.ReadToEndAsync();
                return new Uri(url).Port;
            }
        }

        throw new InvalidOperationException("The broker ended before it listened.");
    }

    private static TimeSpan CpuOf(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}

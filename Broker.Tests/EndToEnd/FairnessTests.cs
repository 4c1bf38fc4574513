using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The waiting time of a quiet client while strangers take all they can get, compared with the same flood at another broker on the same machine.</summary>
[Category("Slow")]
[NonParallelizable]
internal sealed class FairnessTests
{
    private const int MostTimesSlower = 5;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    // A machine with few cores answers late when the load itself takes them.
    private static readonly TimeSpan LeastBound = TimeSpan.FromMilliseconds(20);

    private static readonly byte[] Commands = ClientFrame.Text(string.Join('\n', Enumerable.Repeat("{\"id\":9,\"rpc\":{\"method\":\"x\"}}", 100)));

    private static readonly Dictionary<string, Func<Uri, CancellationToken, Task>> Floods = new(StringComparer.Ordinal)
    {
        ["50 greedy connections"] = (url, stop) => Many(50, () => SendCommandsAsync(url, stop)),
        ["200 greedy connections"] = (url, stop) => Many(200, () => SendCommandsAsync(url, stop)),
        ["500 held bodies"] = (url, stop) => Many(500, () => HoldAsync(url, "POST /auth/init HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{" + new string(' ', 60_000), stop)),
        ["3,000 half upgrades"] = (url, stop) => Many(3_000, () => HoldAsync(url, "GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\n", stop)),
        ["8 clients that search"] = (url, stop) => Many(8, () => GetAsync(url, "/api/advertise/search?q=aaaaaaaaab", stop)),
        ["8 clients that ask for judgements of a schema"] = (url, stop) => Many(8, () => AskAsync(url, stop)),
    };

    private static IEnumerable<string> Names => Floods.Keys;

    [TestCaseSource(nameof(Names))]
    public async Task A_quiet_client_is_at_most_5_times_slower_than_with_the_flood_elsewhere(string flood)
    {
        using var folder = new TemporaryFolder();
        await using var broker = await StartAsync(Path.Combine(folder.Path, "a"));
        await using var other = await StartAsync(Path.Combine(folder.Path, "b"));
        var undisturbed = await MeasureAsync(broker.Url, _ => Task.CompletedTask);

        var elsewhere = await MeasureAsync(broker.Url, stop => Floods[flood](other.Url, stop));
        var here = await MeasureAsync(broker.Url, stop => Floods[flood](broker.Url, stop));

        TestContext.Out.WriteLine($"{flood}: p99 undisturbed {Text(undisturbed)}, flood elsewhere {Text(elsewhere)}, flood here {Text(here)}");
        Assert.That(here, Is.LessThan(Max(LeastBound, elsewhere * MostTimesSlower)));
    }

    private static string Text(TimeSpan time) => $"{time.TotalMilliseconds:0.0} ms";

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static async Task<Running> StartAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        var process = BrokerProgram.Start(folder, [], ("ProxyEndpoints", "true"), ("CENTRIFUGO_API_KEY", "key"), ("CLAW_DEV_MODE", "true"));
        var running = new Running(process, await process.ReadUrlAsync());
        await AdvertiseAsync(running.Url);
        return running;
    }

    // 1,000 long descriptions, and a schema that costs all that a judgement may.
    private static async Task AdvertiseAsync(Uri url)
    {
        using var http = new HttpClient { BaseAddress = url };
        using var registered = await http.PostAsync("/auth/dev-register", new StringContent("{\"username\":\"alice\"}"));
        var token = System.Text.Json.JsonDocument.Parse(await registered.Content.ReadAsStringAsync()).RootElement.GetProperty("token").GetString();
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var trials = string.Join(',', Enumerable.Repeat("{\"type\":\"string\"}", 1_000));
        await PostAsync(http, "{\"channel\":\"agent.alice.schema\",\"schema\":{\"items\":{\"anyOf\":[" + trials + "]}}}");
        await Parallel.ForAsync(0, 999, async (i, _) => await PostAsync(http, $$"""{"channel":"agent.alice.{{i}}","description":"{{new string('a', 5_000)}}"}"""));
    }

    private static async Task PostAsync(HttpClient http, string body)
    {
        using var answer = await http.PostAsync("/api/advertise", new StringContent(body));
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<TimeSpan> MeasureAsync(Uri url, Func<CancellationToken, Task> flood)
    {
        using var stop = new CancellationTokenSource();
        var flooding = Task.Run(() => flood(stop.Token));
        await Task.Delay(TimeSpan.FromSeconds(1));

        // A thread of its own: the flood keeps those of the pool busy.
        var times = await Task.Factory.StartNew(() => AskAgainAndAgain(url), TaskCreationOptions.LongRunning);
        await stop.CancelAsync();
        await flooding;
        times.Sort();
        return times[times.Count * 99 / 100];
    }

    private static List<TimeSpan> AskAgainAndAgain(Uri url)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(IPAddress.Loopback, url.Port);
        Ask(client, Encoding.ASCII.GetBytes(RunningWebSocket.UpgradeRequest(url)));
        Ask(client, ClientFrame.Text("{\"id\":1,\"connect\":{}}"));
        var command = ClientFrame.Text("{\"id\":2,\"unsubscribe\":{\"channel\":\"public.x\"}}");
        var times = new List<TimeSpan>();
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < Length)
        {
            var start = Stopwatch.GetTimestamp();
            Ask(client, command);
            times.Add(Stopwatch.GetElapsedTime(start));
            Thread.Sleep(5);
        }

        return times;
    }

    private static void Ask(Socket client, byte[] bytes)
    {
        client.Send(bytes);
        if (client.Receive(new byte[4096]) == 0)
        {
            throw new IOException("The broker has closed the quiet client's connection.");
        }
    }

    private static Task Many(int count, Func<Task> client) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => client()));

    private static async Task SendCommandsAsync(Uri url, CancellationToken stop)
    {
        await RunAsync(url, async socket =>
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(RunningWebSocket.UpgradeRequest(url)), stop);
            await socket.SendAsync(ClientFrame.Text("{\"id\":1,\"connect\":{}}"), stop);
            var reading = ReadAsync(socket, stop);
            while (!stop.IsCancellationRequested)
            {
                await socket.SendAsync(Commands, stop);
            }

            await reading;
        }, stop);
    }

    private static async Task ReadAsync(Socket socket, CancellationToken stop)
    {
        var bytes = new byte[64 * 1024];
        while (await socket.ReceiveAsync(bytes, stop) > 0)
        {
        }
    }

    private static Task HoldAsync(Uri url, string beginning, CancellationToken stop) => RunAsync(url, async socket =>
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(beginning), stop);
        await Task.Delay(Timeout.Infinite, stop);
    }, stop);

    private static Task GetAsync(Uri url, string path, CancellationToken stop) => RequestAsync(url, $"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n", stop);

    private static Task AskAsync(Uri url, CancellationToken stop)
    {
        var body = $$"""{"channel":"agent.alice.schema","user":"alice","data":[{{string.Join(',', Enumerable.Repeat('1', 8_000))}}]}""";
        return RequestAsync(url, $"POST /proxy/publish HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n{body}", stop);
    }

    private static Task RequestAsync(Uri url, string request, CancellationToken stop) => RunAsync(url, async socket =>
    {
        var bytes = Encoding.ASCII.GetBytes(request);
        var answer = new byte[256 * 1024];
        while (await socket.SendAsync(bytes, stop) > 0 && await socket.ReceiveAsync(answer, stop) > 0)
        {
        }
    }, stop);

    // A client that the broker refuses comes again.
    private static async Task RunAsync(Uri url, Func<Socket, Task> act, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, url.Port), stop);
                await act(socket);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // Closed by the broker, or by the end of the test.
                await Task.Delay(10, CancellationToken.None);
            }
        }
    }

    private sealed record Running(RunningProcess Process, Uri Url) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}

using System.Text;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>A broker process that is a node among others.</summary>
internal sealed class RunningNodeProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly HttpClient _http;

    private RunningNodeProcess(RunningProcess process, DirectoryInfo folder, Uri url)
    {
        Process = process;
        Url = url;
        _folder = folder;
        _http = new HttpClient { BaseAddress = url, Timeout = RunningBroker.Patience };
        _http.DefaultRequestHeaders.Add("X-API-Key", RunningBroker.Key);
    }

    public RunningProcess Process { get; }

    public Uri Url { get; }

    /// <param name="redis">As in <c>REDIS_URL</c>.</param>
    /// <param name="settings">More environment variables.</param>
    public static async Task<RunningNodeProcess> StartAsync(string redis, params (string Name, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("clawevents-node-");
        var process = BrokerProgram.Start(
            folder.FullName,
            [],
            [("REDIS_URL", redis), ("JWT_SECRET", TestToken.Secret), ("CENTRIFUGO_API_KEY", RunningBroker.Key), ("CLAW_DEV_MODE", "true"), .. settings]);
        return new(process, folder, await process.ReadUrlAsync());
    }

    /// <summary>Publishes <c>{"n":N}</c> through the server API.</summary>
    public async Task PublishAsync(string channel, int n, CancellationToken cancellation = default)
    {
        using var body = new StringContent($$$"""{"channel":"{{{channel}}}","data":{"n":{{{n}}}}}""", Encoding.UTF8);
        using var answer = await _http.PostAsync(new Uri("/api/publish", UriKind.Relative), body, cancellation);
        Assert.That(await answer.Content.ReadAsStringAsync(cancellation), Does.StartWith("{\"result\":{"));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Process.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A broker as a program of its own that is one node of several.</summary>
internal sealed class NodeProgram : IAsyncDisposable
{
    // The options of channels in kept:, and, without history, of those in passing:.
    private static readonly (string Name, string Value)[] Open =
    [
        ("allow_subscribe_for_client", "true"), ("allow_subscribe_for_anonymous", "true"),
        ("allow_publish_for_client", "true"), ("allow_publish_for_anonymous", "true"),
    ];

    private static readonly (string Name, string Value)[] Kept =
    [
        ("history_size", "10000"), ("history_ttl", "300s"), ("force_recovery", "true"), ("presence", "true"),
    ];

    private readonly RunningProcess _process;
    private readonly DirectoryInfo _folder;

    private NodeProgram(RunningProcess process, DirectoryInfo folder, Uri url)
    {
        _process = process;
        _folder = folder;
        Url = url;
        Http = new HttpClient { BaseAddress = url, Timeout = RunningBroker.Patience };
    }

    public Uri Url { get; }

    public HttpClient Http { get; }

    public bool HasExited => _process.HasExited;

    /// <param name="redis">Its <c>REDIS_URL</c>.</param>
    /// <param name="settings">More environment variables; the first two namespaces are taken.</param>
    public static async Task<NodeProgram> StartAsync(string redis, params (string Name, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("clawevents-node-");
        var process = BrokerProgram.Start(
            folder.FullName,
            [],
            [
                ("REDIS_URL", redis), ("JWT_SECRET", TestToken.Secret), ("CENTRIFUGO_API_KEY", RunningBroker.Key), ("CLAW_DEV_MODE", "true"),
                ("PublishesPerSecond", "0"), ("MaxSubscriptionsPerConnection", "10000"), ("MaxTurnDelayMilliseconds", "0"),
                .. Namespace(0, "kept", [.. Open, .. Kept]), .. Namespace(1, "passing", Open), .. settings,
            ]);
        return new NodeProgram(process, folder, await process.ReadUrlAsync());
    }

    /// <summary>Sends SIGTERM.</summary>
    public Task TerminateAsync() => _process.TerminateAsync();

    /// <summary>Waits until it has ended.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> WaitForExitAsync(TimeSpan? patience = null) => _process.WaitForExitAsync(patience);

    /// <summary>Reads its output up to a line with this text.</summary>
    public Task<string> ReadLineWithAsync(string text) => _process.ReadLineWithAsync(text);

    /// <summary>Lets it stand still, as a machine that swaps or a frozen container does.</summary>
    public Task PauseAsync() => _process.SignalAsync("STOP");

    /// <summary>Lets it go on.</summary>
    public Task ContinueAsync() => _process.SignalAsync("CONT");

    /// <summary>Sends SIGKILL.</summary>
    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Http.Dispose();
        _folder.Delete(recursive: true);
    }

    private static IEnumerable<(string Name, string Value)> Namespace(int index, string name, (string Name, string Value)[] options) =>
        options.Prepend(("name", name)).Select(option => ($"Namespaces__{index}__{option.Item1}", option.Item2));
}

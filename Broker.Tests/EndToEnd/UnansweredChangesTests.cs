using System.Diagnostics;
using System.Globalization;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;
using StackExchange.Redis;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A node that hears Redis, and gets publications over it, but cannot ask it: what is known to have changed ends within a second.</summary>
[NonParallelizable]
internal sealed class UnansweredChangesTests : IAsyncDisposable
{
    private const string Channel = "agent.alice.x";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private RunningRedis _redis = null!;
    private RunningForwarder _way = null!;
    private ConnectionMultiplexer _operators = null!;
    private RunningBroker _here = null!;
    private RunningBroker _there = null!;
    private string[] _commandConnections = [];
    private int _hearingPort;

    [SetUp]
    public async Task Start()
    {
        _redis = await RunningRedis.StartAsync();
        _operators = await _redis.ConnectAsync();
        _way = new RunningForwarder(_redis.Port);
        _here = await StartNodeAsync($"redis://127.0.0.1:{_way.Port}");

        // Before there is another node.
        await RememberConnectionsAsync();
        _there = await StartNodeAsync(_redis.Url());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        _operators.Dispose();
        await _way.DisposeAsync();
        await _redis.DisposeAsync();
        _stop.Dispose();
    }

    [Test]
    public async Task A_subscriber_receives_nothing_more_a_second_after_a_lock_that_cannot_be_read([Values] bool isRefused)
    {
        var alice = await _here.RegisterAsync("alice");
        var owner = await _here.ConnectAsync(alice);
        await owner.SubscribeAsync(Channel);
        var stranger = await _here.ConnectAsync();
        await stranger.SubscribeAsync(Channel);
        var publishing = PublishAsync();
        await stranger.ReadPublicationAsync();

        await CutAsync(isRefused);
        await ChangeAsync("SET", "locked:alice:x", "1");
        var (last, publications, took) = await ReadUntilAsync(stranger, message => !message.Contains("\"pub\"", StringComparison.Ordinal));
        await ReportAsync("lock", isRefused, publications, took);
        await owner.ReadPublicationAsync();
        await RestoreAsync(isRefused);
        var again = await Eventually.GetAsync(
            () => stranger.AskAsync($$$"""{"id":3,"subscribe":{"channel":"{{{Channel}}}"}}"""), answer => !answer.Contains("\"code\":100", StringComparison.Ordinal));

        await _stop.CancelAsync();
        await publishing;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(last, Is.EqualTo($$$$"""{"push":{"channel":"{{{{Channel}}}}","unsubscribe":{"code":2500,"reason":"insufficient state"}}}"""));
            Assert.That(took, Is.LessThan(Bound));
            Assert.That(again, Does.StartWith("""{"id":3,"error":{"code":403,"""));
        }
    }

    [Test]
    public async Task A_connection_ends_within_a_second_after_the_revocation_of_a_key_that_cannot_be_read([Values] bool isRefused)
    {
        var alice = await _here.RegisterAsync("alice");
        var client = await _here.ConnectAsync(alice);
        await client.SubscribeAsync(Channel);
        var publishing = PublishAsync();
        await client.ReadPublicationAsync();

        await CutAsync(isRefused);
        await ChangeAsync("DEL", "apikey:alice");
        var begun = Stopwatch.GetTimestamp();
        var close = await client.ReadCloseAsync();
        var took = Stopwatch.GetElapsedTime(begun);
        await ReportAsync("revoked key", isRefused, publications: null, took);

        await _stop.CancelAsync();
        await publishing;
        Assert.That(close, Is.EqualTo((3010, "insufficient state")));
        Assert.That(took, Is.LessThan(Bound));
    }

    [Test]
    public async Task A_subscriber_that_may_go_on_returns_when_Redis_answers_again([Values] bool isRefused)
    {
        var stranger = await _here.ConnectAsync();
        await stranger.SubscribeAsync(Channel);

        await CutAsync(isRefused);
        await ChangeAsync("SET", "locked:alice:x", "1");
        var (last, _, _) = await ReadUntilAsync(stranger, _ => true);
        await ChangeAsync("DEL", "locked:alice:x");
        await RestoreAsync(isRefused);

        Assert.That(last, Does.Contain("\"code\":2500"));
        await Eventually.IsTrueAsync(async () =>
            await stranger.AskAsync($$$"""{"id":3,"subscribe":{"channel":"{{{Channel}}}"}}""") == """{"id":3,"subscribe":{}}""");
    }

    private static Task<RunningBroker> StartNodeAsync(string url) => RunningBroker.StartAsync(options => options with
    {
        Identity = new() { JwtSecret = TestToken.Secret },
        State = new() { Redis = [TestRedis.Address(url)] },
        Publishing = options.Publishing with { PublishesPerSecond = 0 },
    });

    private IDatabase Operator => _operators.GetDatabase();

    private async Task RememberConnectionsAsync()
    {
        var all = await Eventually.GetAsync(ListConnectionsAsync, lines => lines.Count(line => !line.Contains(" sub=0 ", StringComparison.Ordinal)) == 1 && lines.Length == 3);
        _commandConnections = [.. all.Where(line => line.Contains(" sub=0 ", StringComparison.Ordinal)).Select(line => Field(line, "id"))];
        _hearingPort = int.Parse(Field(all.Single(line => !line.Contains(" sub=0 ", StringComparison.Ordinal)), "addr").Split(':')[^1], CultureInfo.InvariantCulture);
    }

    private async Task<string[]> ListConnectionsAsync() =>
        [.. ((string)(await Operator.ExecuteAsync("CLIENT", "LIST"))!).Split('\n').Where(line => line.Contains("name=clawevents-broker ", StringComparison.Ordinal))];

    private static string Field(string line, string name) => line.Split(' ').Single(field => field.StartsWith($"{name}=", StringComparison.Ordinal))[(name.Length + 1)..];

    private async Task CutAsync(bool isRefused)
    {
        if (!isRefused)
        {
            _way.HoldAllBut(_hearingPort);
            return;
        }

        await Operator.ExecuteAsync("CONFIG", "SET", "requirepass", "hush");
        foreach (var id in _commandConnections)
        {
            await Operator.ExecuteAsync("CLIENT", "KILL", "ID", id);
        }
    }

    private async Task RestoreAsync(bool isRefused)
    {
        if (isRefused)
        {
            await Operator.ExecuteAsync("CONFIG", "SET", "requirepass", "");
        }
        else
        {
            _way.Release();
        }
    }

    private Task<RedisResult> ChangeAsync(string command, params string[] arguments) => Operator.ExecuteAsync(command, [.. arguments]);

    // Through the other node, whose connections work.
    private async Task PublishAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await _there.PublishAsync(Channel, "1");
            await Task.Delay(50);
        }
    }

    private static async Task<(string Last, int Publications, TimeSpan Took)> ReadUntilAsync(RunningWebSocket client, Func<string, bool> isLast)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var publications = 0; Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(15); publications++)
        {
            if (await client.ReadMessageAsync() is var message && isLast(message))
            {
                return (message, publications, Stopwatch.GetElapsedTime(begun));
            }
        }

        throw new AssertionException("The subscriber still receives publications after 15 s.");
    }

    private static Task ReportAsync(string change, bool isRefused, int? publications, TimeSpan took) => TestContext.Out.WriteLineAsync(string.Create(
        CultureInfo.InvariantCulture, $"{change}, {(isRefused ? "refused" : "stalled")}: ended after {took.TotalMilliseconds:F0} ms{(publications is { } count ? $" and {count} publications" : "")}"));
}

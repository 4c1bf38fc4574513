using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary><c>claw.events history</c> against the real broker.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class HistoryCommandTests : IDisposable
{
    private static readonly ChannelOptions Kept = new() { HistorySize = 250, HistoryTtl = TimeSpan.FromMinutes(5), ReadHistory = new(ForClient: true, ForSubscriber: false, ForAnonymous: true) };

    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(60_000)]
    public async Task A_line_for_each_message_has_what_sub_prints_and_the_offset(CancellationToken cancellation)
    {
        await using var broker = await StartAsync();
        await broker.CallAsync("alice", "/api/publish", """{"channel":"public.a","payload":{"n":1.50,"text":"ü"}}""", cancellation);
        await broker.CallWithKeyAsync("/api/publish", """{"channel":"public.a","data":"bare"}""", cancellation);

        var result = await CliProcess.RunAsync(_home, cancellation, "-s", broker.Url, "history", "public.a");

        var lines = result.Output.Split('\n');
        Assert.That(lines[0], Does.Match("""^{"channel":"public\.a","sender":"alice","payload":{"n":1\.50,"text":"ü"},"timestamp":\d{13},"offset":1}$"""));
        Assert.That(lines[1..], Is.EqualTo(new[] { """{"channel":"public.a","sender":"unknown","payload":"bare","timestamp":null,"offset":2}""", "" }));
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
    }

    // The history keeps 51 to 300; a page is a hundred.
    [TestCase("", 201, 300)]
    [TestCase("--limit 3", 298, 300)]
    [TestCase("--limit 1000", 51, 300)]
    [TestCase("--reverse", 300, 201)]
    [TestCase("--reverse --limit 250", 300, 51)]
    [TestCase("--since 0", 51, 300)]
    [TestCase("--since 55 --limit 3", 56, 58)]
    [TestCase("--since 298", 299, 300)]
    [TestCase("--since 298 --reverse", 300, 299)]
    [TestCase("--since 0 --reverse", 300, 51)]
    [TestCase("--since 1h", 51, 300)]
    [TestCase("--since 1h --reverse --limit 2", 300, 299)]
    [TestCase("--since 120 --limit 150", 121, 270)]
    [CancelAfter(60_000)]
    public async Task Options_choose_the_part_and_the_order(string options, int first, int last, CancellationToken cancellation)
    {
        await using var broker = await StartAsync();
        await PublishAsync(broker, 300, cancellation);

        var anonymous = await OffsetsAsync(broker, options);
        var withKey = await OffsetsAsync(broker, $"{options} --key {RunningBroker.Key}".Trim());

        var step = last < first ? -1 : 1;
        int[] expected = [.. Enumerable.Range(0, Math.Abs(last - first) + 1).Select(index => first + (index * step))];
        Assert.That(anonymous, Is.EqualTo(expected));
        Assert.That(withKey, Is.EqualTo(expected));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_time_divides_old_messages_from_new_ones(CancellationToken cancellation)
    {
        await using var broker = await StartAsync();
        await broker.CallWithKeyAsync("/api/publish", """{"channel":"public.a","data":{"_claw":{"sender":"old","timestamp":1000},"payload":1}}""", cancellation);
        await broker.CallWithKeyAsync("/api/publish", """{"channel":"public.a","data":"timeless"}""", cancellation);
        await broker.CallAsync("alice", "/api/publish", """{"channel":"public.a","payload":2}""", cancellation);
        await broker.CallWithKeyAsync("/api/publish", """{"channel":"public.b","data":"timeless"}""", cancellation);

        var recent = await OffsetsAsync(broker, "--since 10m");
        var none = await RunAsync(broker, "history public.a --since 2999-01-01");
        var timeless = await RunAsync(broker, "history public.b --since 10m");

        Assert.That(recent, Is.EqualTo(new[] { 2, 3 }));
        Assert.That((none.ExitCode, none.Output), Is.EqualTo((0, "")));
        Assert.That(timeless, Is.EqualTo(new CliResult(1, "", "✗ Error: The messages of this channel carry no time\nHow to fix:\n  → Begin after an offset: --since <offset>\n")));
    }

    [Test, CancelAfter(60_000)]
    public async Task People_get_a_table(CancellationToken cancellation)
    {
        await using var broker = await StartAsync();
        await broker.CallAsync("alice", "/api/publish", """{"channel":"public.a","payload":{"n":1}}""", cancellation);
        await broker.CallWithKeyAsync("/api/publish", """{"channel":"public.a","data":"bare"}""", cancellation);

        var table = await RunAsync(broker, "history public.a --format table");
        var empty = await RunAsync(broker, "history public.b --format table");

        Assert.That(table.Output, Does.StartWith("\nℹ Messages of public.a: 2\n\n• messages :\n  offset  timestamp").And.Match("""\n  1 +(now|\d+ seconds? ago) +alice +{"n":1}\n  2 +- +unknown +"bare"\n"""));
        Assert.That(empty.Output, Is.EqualTo("\nℹ public.b has no messages there\n\n"));
    }

    [TestCase("news:x", "unknown channel", "The channel's namespace is not configured")]
    [TestCase("agent.alice.x", "not available", "The channel's namespace keeps no history: its options history_size and history_ttl both have to be set")]
    [TestCase("closed:x", "permission denied: not_for_clients", "allow_history_for_client")]
    [TestCase("users:x", "permission denied: anonymous", "Log in: claw.events login --user <name>\n  → Or the channel's namespace lets clients without a user read it: allow_history_for_anonymous")]
    [TestCase("nonsense", "permission denied: unusable_name", "Use public.<topic>, agent.<name>.<topic> or app.<app>.<topic>")]
    [CancelAfter(60_000)]
    public async Task A_refusal_names_the_option_or_right_that_is_missing(string channel, string reason, string fix)
    {
        await using var broker = await StartAsync();

        var result = await RunAsync(broker, $"history {channel}");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: Failed to read the history of {channel}: {reason}\nHow to fix:\n").And.Contain(fix));
    }

    [Test, CancelAfter(60_000)]
    public async Task The_history_of_a_locked_channel_is_for_those_who_may_listen(CancellationToken cancellation)
    {
        await using var broker = await StartAsync(("agent", Kept));
        await broker.CallAsync("alice", "/api/publish", """{"channel":"agent.alice.x","payload":1}""", cancellation);
        await broker.CallAsync("alice", "/api/lock", """{"channel":"agent.alice.x"}""", cancellation);
        await RunAsync(broker, "dev-register --user bob");

        var refused = await RunAsync(broker, "history agent.alice.x");
        await broker.CallAsync("alice", "/api/grant", """{"channel":"agent.alice.x","target":"bob"}""", cancellation);
        var granted = await RunAsync(broker, "history agent.alice.x");

        Assert.That(refused.Error, Does.StartWith("✗ Error: Failed to read the history of agent.alice.x: permission denied: locked\n").And.Contain("Ask the owner for access: claw.events request agent.alice.x"));
        Assert.That(granted.Output, Does.Match("""^{"channel":"agent\.alice\.x","sender":"alice","payload":1,"timestamp":\d{13},"offset":1}\n$"""));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_history_for_subscribers_is_read_as_one()
    {
        await using var broker = await StartAsync(("chat", Kept with { Subscribe = new(ForClient: true, ForSubscriber: false, ForAnonymous: true), ReadHistory = new(ForClient: false, ForSubscriber: true, ForAnonymous: true) }));

        var result = await RunAsync(broker, "history chat:x");

        Assert.That(result, Is.EqualTo(new CliResult(0, "", "")));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_token_that_is_not_accepted_is_an_error()
    {
        await using var broker = await StartAsync();

        var result = await RunAsync(broker, "--token wrong history public.a");

        Assert.That(result.Error, Does.StartWith("✗ Error: The server refuses the connection: invalid token\nHow to fix:\n  → If the token is old, log in again: "));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_server_that_sends_the_same_page_for_ever_is_not_read_for_ever(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        var running = CliRun.RunAsync(_home, "-s", server.Url, "history", "c", "--since", "0");
        var connection = await server.AcceptAsync(cancellation);
        string[] answers =
        [
            """{"id":1,"connect":{"client":"c","ping":25,"pong":true}}""",
            """{"id":2,"history":{"publications":[],"epoch":"e","offset":9}}""",
            """{"id":3,"history":{"publications":[{"data":1,"offset":3}],"epoch":"e","offset":9}}""",
            """{"id":4,"history":{"publications":[{"data":1,"offset":3}],"epoch":"e","offset":9}}""",
        ];
        foreach (var answer in answers)
        {
            await connection.ReceiveAsync(cancellation);
            // A push comes before the answer, and is not taken for it.
            await connection.SendAsync("{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":2}}}\n" + answer, cancellation);
        }

        Assert.That((await running).ExitCode, Is.Zero);
    }

    [TestCase("json", """{"channel":"c","sender":"unknown","payload":{"n":1.50},"timestamp":null,"offset":1}""")]
    [TestCase("table", """{"n":1.50}""")]
    [CancelAfter(60_000)]
    public async Task An_answer_over_several_lines_gives_one_for_each_message(string format, string expected, CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        server.Answer = _ => (200, "{\"result\":{\"publications\":[{\"data\":\n{\n\"n\":\r\n1.50}\n,\"offset\":1}],\"epoch\":\"e\",\"offset\":1}}");

        var result = await CliRun.RunAsync(_home, "-s", server.Url, "history", "c", "--format", format, "--key", "k");

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(result.Output, Does.Contain($"{expected}\n"));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_ping_meanwhile_is_answered(CancellationToken cancellation)
    {
        await using var server = await CliServerDouble.StartAsync();
        var running = CliRun.RunAsync(_home, "-s", server.Url, "history", "c");
        var connection = await server.AcceptAsync(cancellation);
        await connection.ReceiveAsync(cancellation);
        await connection.SendAsync("""{"id":1,"connect":{"client":"c","ping":25,"pong":true}}""", cancellation);
        await connection.ReceiveAsync(cancellation);
        await connection.SendAsync("{}", cancellation);

        Assert.That(await connection.ReceiveAsync(cancellation), Is.EqualTo("{}"));
        await connection.CloseAsync(3001, "shutdown", cancellation);
        Assert.That((await running).Error, Does.StartWith("✗ Error: Failed to read the history of c: shutdown\n"));
    }

    private static Task<CliBroker> StartAsync(params (string, ChannelOptions)[] more) => CliBroker.StartAsync(change: options => options with
    {
        Namespaces = TestNamespaces.Of(
        [
            ("public", Kept), ("closed", Kept with { ReadHistory = default }), ("users", Kept with { ReadHistory = new(ForClient: true, ForSubscriber: false, ForAnonymous: false) }), .. more,
        ]),
    });

    private static async Task PublishAsync(CliBroker broker, int count, CancellationToken cancellation)
    {
        // The envelope of now: what a client publishes has one.
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        for (var sent = 0; sent < count; sent += 50)
        {
            var payloads = Enumerable.Range(sent, 50).Select(number => $$$"""{"_claw":{"sender":"s","timestamp":{{{now}}}},"payload":{{{number}}}}""");
            await broker.PublishAsync("public.a", payloads, cancellation);
        }
    }

    private Task<CliResult> RunAsync(CliBroker broker, string line) => CliRun.RunAsync(_home, ["-s", broker.Url, .. line.Split(' ')]);

    private async Task<int[]> OffsetsAsync(CliBroker broker, string options)
    {
        var result = await RunAsync(broker, $"history public.a {options}".Trim());
        Assert.That(result.Error, Is.Empty);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line).GetProperty("offset").GetInt32())];
    }
}

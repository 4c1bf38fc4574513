using System.Text.RegularExpressions;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built client's commands against the real broker, to the byte: stdout, stderr, exit code.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed partial class CommandProcessTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test, CancelAfter(60_000)]
    public async Task Lock_and_grant_commands_print_their_results(CancellationToken cancellation)
    {
        await using var broker = await StartAsync(cancellation);

        await ExpectAsync(broker, "lock agent.alice.x", """

            ✓ Channel locked: agent.alice.x

            • channel : agent.alice.x

            Next steps:
              → Grant access: claw.events grant <agent> agent.alice.x


            """, cancellation);
        await ExpectAsync(broker, "grant bob agent.alice.x --json", """
            {
              "status": "success",
              "message": "Granted bob subscription access to agent.alice.x",
              "data": {
                "target": "bob",
                "channel": "agent.alice.x"
              },
              "nextSteps": [
                "Undo it: claw.events revoke bob agent.alice.x"
              ],
              "documentation": [
                "URL/docs",
                "URL/docs/commands/grant"
              ]
            }

            """, cancellation);
        await ExpectAsync(broker, "locks", """

            ✓ Locked channels of alice: 1

            • agent          : alice
            • count          : 1
            • lockedChannels :
              • [0]: agent.alice.x


            """, cancellation);
        await ExpectAsync(broker, "revoke bob agent.alice.x", """

            ✓ Revoked bob's subscription access to agent.alice.x

            • target  : bob
            • channel : agent.alice.x

            Next steps:
              → Unless the channel is locked, bob can still subscribe: claw.events lock agent.alice.x


            """, cancellation);
        await ExpectAsync(broker, "unlock agent.alice.x", """

            ✓ Channel unlocked: agent.alice.x

            • channel : agent.alice.x

            Next steps:
              → Lock it again: claw.events lock agent.alice.x


            """, cancellation);
        await ExpectErrorAsync(broker, "request agent.alice.x", """
            ✗ Error: Failed to send access request: channel is not locked, access is public
            How to fix:
              → Fix the problem that the server reports and try again

            """, cancellation);
        await ExpectErrorAsync(broker, "lock agent.bob.x --json", """
            {
              "status": "error",
              "error": "Failed to lock channel: {\"error\":\"can only lock your own channels\",\"reason\":\"not_owner\"}",
              "fixes": [
                "Check the channel's owner and who is logged in: claw.events whoami"
              ],
              "documentation": [
                "URL/docs",
                "URL/docs/commands/lock"
              ]
            }

            """, cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_request_to_another_owner_prints_its_result(CancellationToken cancellation)
    {
        await using var broker = await StartAsync(cancellation);
        await broker.CallAsync("bob", "/api/lock", """{"channel":"agent.bob.x"}""", cancellation);

        await ExpectAsync(broker, "request agent.bob.x let me in", """

            ✓ Access request sent for agent.bob.x

            • channel : agent.bob.x
            • reason  : let me in

            Next steps:
              → After the owner has granted access: claw.events sub agent.bob.x


            """, cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task Advertise_commands_print_their_results(CancellationToken cancellation)
    {
        await using var broker = await StartAsync(cancellation);

        await ExpectAsync(broker, "advertise set -c agent.alice.x -d news", """

            ✓ Advertisement set for channel: agent.alice.x

            • channel     : agent.alice.x
            • description : news
            • schema      : null
            • updatedAt   : TIME

            Next steps:
              → Show it: claw.events advertise show agent.alice.x


            """, cancellation);
        await ExpectAsync(broker, "advertise list alice", """

            ✓ Agent: alice

            • targetAgent  : alice
            • channelCount : 1
            • channels     :
              channel        description  schema  updatedAt
              agent.alice.x  news         -       TIME

            Next steps:
              → Show details: claw.events advertise show <channel>
              → Subscribe: claw.events sub <channel>


            """, cancellation);
        await ExpectAsync(broker, "advertise search NEWS", """

            ✓ Found 1 channel(s) matching "NEWS"

            • query   : NEWS
            • count   : 1
            • total   : 1
            • showing : 1
            • results :
              channel        description  schema  updatedAt  agent
              agent.alice.x  news         -       TIME       alice

            Next steps:
              → Subscribe: claw.events sub <channel>


            """, cancellation);
        await ExpectAsync(broker, "advertise show agent.alice.x", """

            ✓ Advertisement details for: agent.alice.x

            • ok          : true
            • channel     : agent.alice.x
            • description : news
            • schema      : null
            • updatedAt   : TIME

            Next steps:
              → Subscribe: claw.events sub agent.alice.x


            """, cancellation);
        await ExpectAsync(broker, "advertise delete agent.alice.x", """

            ✓ Advertisement removed for channel: agent.alice.x

            • channel : agent.alice.x

            Next steps:
              → Describe it again: claw.events advertise set --channel agent.alice.x


            """, cancellation);
        await ExpectErrorAsync(broker, "advertise show agent.alice.x", """
            ✗ Error: No advertisement found for channel: agent.alice.x
            How to fix:
              → See all channels: claw.events advertise list
              → Find one: claw.events advertise search <query>

            """, cancellation);
        await ExpectAsync(broker, "advertise list alice", """

            ✓ No advertised channels for agent: alice

            • targetAgent : alice
            • channels    : []


            """, cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task App_commands_print_their_results(CancellationToken cancellation)
    {
        await using var broker = await StartAsync(cancellation);

        await ExpectAsync(broker, "app create weather", """

            ✓ App 'weather' created successfully

            • app       :
              • name      : weather
              • createdAt : TIME
              • owner     : alice
            • key       : KEY
            • hint      : Store this key securely. It is shown only this once.
            • namespace : app.weather.*
            • principal : app:weather

            Next steps:
              → Save the key now: it is not shown again
              → Publish with it: claw.events --token <key> pub app.weather.updates "hello"


            """, cancellation);
        await ExpectAsync(broker, "app list", """

            ✓ Found 1 app(s)

            • apps  :
              name     createdAt  owner
              weather  TIME       alice
            • count : 1

            Next steps:
              → Show one: claw.events app show <name>
              → Replace a key: claw.events app rotate <name>


            """, cancellation);
        await ExpectAsync(broker, "apps show weather", """

            ✓ App details for: weather

            • app       :
              • name      : weather
              • createdAt : TIME
              • owner     : alice
            • namespace : app.weather.*
            • principal : app:weather

            Next steps:
              → Replace its key: claw.events app rotate weather
              → Delete it: claw.events app delete weather


            """, cancellation);
        await ExpectAsync(broker, "app rotate weather --json", """
            {
              "status": "success",
              "message": "App key rotated for: weather",
              "data": {
                "app": {
                  "name": "weather",
                  "createdAt": TIME,
                  "owner": "alice"
                },
                "key": "KEY",
                "hint": "Store this key securely. The old key has been revoked."
              },
              "nextSteps": [
                "Save the key now: it is not shown again",
                "Update every program that used the old key"
              ],
              "documentation": [
                "URL/docs",
                "URL/docs/concepts"
              ]
            }

            """, cancellation);
        await ExpectAsync(broker, "app delete weather", """

            ✓ App 'weather' deleted successfully

            • deleted : true
            • appName : weather

            Next steps:
              → Create another one: claw.events app create <name>


            """, cancellation);
        await ExpectErrorAsync(broker, "app show weather", """
            ✗ Error: App 'weather' not found
            How to fix:
              → See your apps: claw.events app list

            """, cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_payload_that_is_too_large_is_an_error(CancellationToken cancellation)
    {
        await using var broker = await StartAsync(cancellation);

        await ExpectErrorAsync(broker, $"pub agent.alice.x {new string('x', 16_383)}", """
            ✗ Error: Failed to publish to channel: payload too large (max 16384 bytes)
            How to fix:
              → Send less: a payload can be at most 16384 bytes of JSON

            """, cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_rate_limit_of_the_broker_is_an_error(CancellationToken cancellation)
    {
        // The clock stands still: the second in which one publish is allowed does not end.
        await using var broker = await StartAsync(cancellation, options => options with { Publishing = options.Publishing with { PublishesPerSecond = 1 } }, new RunningClock());

        var first = await RunAsync(broker, cancellation, "pub", "agent.alice.x", "1");

        Assert.That(first.ExitCode, Is.Zero);
        await ExpectErrorAsync(broker, "pub agent.alice.x 2", """
            ✗ Error: Server rate limit exceeded. You must wait 1 second(s) before the next request.
            How to fix:
              → Wait 1 second(s) and try again

            """, cancellation);
    }

    private async Task<CliBroker> StartAsync(
        CancellationToken cancellation, Func<BrokerOptions, BrokerOptions>? change = null, TimeProvider? time = null)
    {
        var broker = await CliBroker.StartAsync(change: change, time: time);
        Assert.That((await RunAsync(broker, cancellation, "dev-register", "--user", "alice")).ExitCode, Is.Zero);
        return broker;
    }

    private async Task ExpectAsync(CliBroker broker, string line, string output, CancellationToken cancellation)
    {
        var result = await RunAsync(broker, cancellation, line.Split(' '));
        Assert.That(result with { Output = Masked(result.Output, broker) }, Is.EqualTo(new CliResult(0, Masked(output, broker), "")), line);
    }

    private async Task ExpectErrorAsync(CliBroker broker, string line, string error, CancellationToken cancellation)
    {
        var result = await RunAsync(broker, cancellation, line.Split(' '));
        Assert.That(result with { Error = Masked(result.Error, broker) }, Is.EqualTo(new CliResult(1, "", Masked(error, broker))), line);
    }

    private Task<CliResult> RunAsync(CliBroker broker, CancellationToken cancellation, params string[] arguments) =>
        CliProcess.RunAsync(_home, cancellation, ["--server", broker.Url, .. arguments]);

    // Replaces the values that differ in each run, and the gaps that depend on their lengths.
    private static string Masked(string output, CliBroker broker) =>
        Gap().Replace(Time().Replace(Key().Replace(output.Replace(broker.Url, "URL", StringComparison.Ordinal), "KEY"), "TIME"), "  ");

    [GeneratedRegex(@"(?<=\S) {2,}")]
    private static partial Regex Gap();

    [GeneratedRegex(@"\b\d{13}\b|\b(now|\d+ (second|minute)s? ago)\b( \([^)]* UTC\))?")]
    private static partial Regex Time();

    [GeneratedRegex(@"eyJ[\w-]+\.[\w-]+\.[\w-]+")]
    private static partial Regex Key();
}

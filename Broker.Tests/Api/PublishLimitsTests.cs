using System.Text;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Rate and size limits of publishing over HTTP, and the order of the checks.</summary>
public sealed class PublishLimitsTests : RunningBrokerTests
{
    private const string Path = "/api/publish";
    private const string ToPublic = """{"channel":"public.a","payload":1}""";

    private static readonly RunningAnswer Published = RunningAnswer.Json(200, """{"ok":true,"result":{}}""");

    // 2026-02-01T12:00:01Z: a second after the clock's start.
    private static readonly RunningAnswer TooMany = RunningAnswer.Json(
        429, """{"error":"rate limit exceeded (5 requests per second)","retry_after":1,"retry_timestamp":1769947201000}""");

    private readonly RunningClock _clock = new();

    private protected override TimeProvider Time => _clock;

    [Test]
    public async Task Five_publishes_in_a_second_pass_and_the_sixth_is_told_when_to_retry()
    {
        var token = await Broker.RegisterAsync("alice");

        var answers = await PublishAsync(token, ToPublic, 7);

        Assert.That(answers, Is.EqualTo(Enumerable.Repeat(Published, 5).Concat(Enumerable.Repeat(TooMany, 2))));
    }

    [Test]
    public async Task The_window_starts_with_its_first_request_and_is_not_prolonged()
    {
        var token = await Broker.RegisterAsync("alice");
        await PublishAsync(token, ToPublic, 1);
        _clock.Advance(TimeSpan.FromMilliseconds(900));
        await PublishAsync(token, ToPublic, 10);

        _clock.Advance(TimeSpan.FromMilliseconds(100));

        Assert.That(await PublishAsync(token, ToPublic, 5), Is.All.EqualTo(Published));
    }

    [Test]
    public async Task Each_principal_has_a_rate_of_its_own()
    {
        var (alice, bob) = (await Broker.RegisterAsync("alice"), await Broker.RegisterAsync("bob"));
        await PublishAsync(alice, ToPublic, 5);

        Assert.That(await PublishAsync(bob, ToPublic, 5), Is.All.EqualTo(Published));
        Assert.That(await PublishAsync(alice, ToPublic, 1), Is.All.EqualTo(TooMany));
    }

    [TestCase("""{"channel":"agent.bob.x"}""", 403)]
    [TestCase("""{"channel":"bogus"}""", 400)]
    public async Task A_publish_refused_for_its_channel_counts(string body, int status)
    {
        var token = await Broker.RegisterAsync("alice");
        var refused = await PublishAsync(token, body, 5);

        Assert.That(refused.Select(answer => answer.Status), Is.All.EqualTo(status));
        Assert.That(await PublishAsync(token, ToPublic, 1), Is.All.EqualTo(TooMany));
    }

    [Test]
    public async Task A_publish_that_is_too_large_counts()
    {
        var token = await Broker.RegisterAsync("alice");
        await PublishAsync(token, OfPayload(new string('1', 16_385)), 5);

        Assert.That(await PublishAsync(token, ToPublic, 1), Is.All.EqualTo(TooMany));
    }

    [TestCase("""{"channel":"system.timer.second"}""", 403)]
    [TestCase("{}", 400)]
    [TestCase("{", 400)]
    public async Task A_publish_refused_before_the_rate_check_does_not_count(string body, int status)
    {
        var token = await Broker.RegisterAsync("alice");
        var refused = await PublishAsync(token, body, 10);

        Assert.That(refused.Select(answer => answer.Status), Is.All.EqualTo(status));
        Assert.That(await PublishAsync(token, ToPublic, 5), Is.All.EqualTo(Published));
    }

    [Test]
    public async Task The_rate_comes_before_size_and_permission()
    {
        var token = await Broker.RegisterAsync("alice");
        await PublishAsync(token, ToPublic, 5);

        Assert.That(await PublishAsync(token, """{"channel":"agent.bob.x"}""", 1), Is.All.EqualTo(TooMany));
        Assert.That(await PublishAsync(token, """{"channel":"bogus"}""", 1), Is.All.EqualTo(TooMany));
        Assert.That(await PublishAsync(token, OfPayload(new string('1', 16_385)), 1), Is.All.EqualTo(TooMany));
        Assert.That((await PublishAsync(token, """{"channel":"system.x"}""", 1)).Single().Status, Is.EqualTo(403));
    }

    [Test]
    public async Task A_payload_of_16384_bytes_passes_and_one_of_16385_does_not()
    {
        var token = await Broker.RegisterAsync("alice");

        Assert.That(await PublishAsync(token, OfPayload($"\"{new string('x', 16_382)}\""), 1), Is.All.EqualTo(Published));
        Assert.That(
            await PublishAsync(token, OfPayload($"\"{new string('x', 16_383)}\""), 1),
            Is.All.EqualTo(RunningAnswer.Error(413, "payload too large (max 16384 bytes)")));
    }

    [Test]
    public async Task The_size_is_counted_in_bytes_of_utf8()
    {
        var token = await Broker.RegisterAsync("alice");

        // Two bytes each, and the quotes: 16384 and 16386.
        Assert.That(await PublishAsync(token, OfPayload($"\"{new string('é', 8_191)}\""), 1), Is.All.EqualTo(Published));
        Assert.That((await PublishAsync(token, OfPayload($"\"{new string('é', 8_192)}\""), 1)).Single().Status, Is.EqualTo(413));
    }

    [TestCase("agent.bob.x")]
    [TestCase("bogus")]
    public async Task The_size_comes_before_permission_and_format(string channel)
    {
        var token = await Broker.RegisterAsync("alice");

        var answers = await PublishAsync(token, OfPayload(new string('1', 16_385)).Replace("public.a", channel, StringComparison.Ordinal), 1);

        Assert.That(answers.Single(), Is.EqualTo(RunningAnswer.Error(413, "payload too large (max 16384 bytes)")));
    }

    [Test]
    public async Task A_body_at_the_limit_is_read_and_one_byte_more_is_not()
    {
        var token = await Broker.RegisterAsync("alice");
        var fits = Encoding.ASCII.GetBytes(ToPublic.PadRight(1024 * 1024));

        var read = await Broker.SendAsync(HttpMethod.Post, Path, fits, ("Authorization", $"Bearer {token}"));
        var tooLarge = await Broker.SendAsync(HttpMethod.Post, Path, [.. fits, (byte)' '], ("Authorization", $"Bearer {token}"));

        Assert.That(read, Is.EqualTo(Published));
        Assert.That(tooLarge, Is.EqualTo(RunningAnswer.Error(413, "Request body too large. The max request body size is 1048576 bytes.")));
    }

    [Test]
    public async Task A_chunked_body_over_the_limit_is_refused_as_well()
    {
        var token = await Broker.RegisterAsync("alice");
        var client = await Broker.OpenAsync();
        var chunk = $"10000\r\n{new string(' ', 0x10000)}\r\n";

        await client.SendAsync($"POST {Path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (var sent = 0; sent < 17; sent++)
        {
            await client.SendAsync(chunk);
        }

        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 413 "));
    }

    [Test]
    public async Task A_rate_of_zero_means_no_limit_and_counts_nothing([Values] TestStore store)
    {
        await using var database = store is TestStore.Redis ? RedisDatabase.Take() : null;
        await using var broker = await RunningBroker.StartAsync(options => options with { Publishing = options.Publishing with { PublishesPerSecond = 0 }, State = options.State with { Redis = database?.Address is { } address ? [address] : [] } });
        var token = await broker.RegisterAsync("alice");
        var client = await broker.ConnectAsync();

        for (var sent = 0; sent < 50; sent++)
        {
            Assert.That(await broker.PostAsync(Path, ToPublic, token), Is.EqualTo(Published));
            Assert.That(await client.AskAsync("""{"id":2,"publish":{"channel":"public.a","data":1}}"""), Is.EqualTo("""{"id":2,"publish":{}}"""));
        }

        Assert.That(database is null ? [] : await database.ListAsync(), Has.None.StartsWith("ratelimit:"));
    }

    private static string OfPayload(string payload) => $$"""{"channel":"public.a","payload":{{payload}}}""";

    private async Task<List<RunningAnswer>> PublishAsync(string token, string body, int times)
    {
        var answers = new List<RunningAnswer>();
        for (var sent = 0; sent < times; sent++)
        {
            answers.Add(await Broker.PostAsync(Path, body, token));
        }

        return answers;
    }
}

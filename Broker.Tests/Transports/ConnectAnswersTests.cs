using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Transports;

/// <summary>Unidirectional streams whose connect fails may be an HTTP answer in place of a stream.</summary>
public sealed class ConnectAnswersTests : RunningBrokerTests
{
    private const string Lines = "/connection/uni_http_stream";
    private const string Events = "/connection/uni_sse";
    private const string Unknown = """{"token":"no token"}""";

    private static readonly string Expired = $$"""{"token":"{{TestToken.Of("""{"sub":"alice","exp":1}""")}}"}""";

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Identity = options.Identity with { JwtSecret = TestToken.Secret },
        Connections = options.Connections with { MaxQueuedBytes = 1024 },
        Transports = options.Transports with
        {
            UniEventsFailures = new Dictionary<int, ConnectFailure> { [109] = new(401, """{"why":"expired"}"""), [0] = new(500, "Internal Server Error") },
            UniHttpStreamFailures = new Dictionary<int, ConnectFailure> { [109] = new(401, ""), [3500] = new(204, "nothing") },
        },
    };

    [Test]
    public async Task An_error_of_the_connect_is_an_answer_with_its_status_and_body()
    {
        var events = await Broker.SendAsync(HttpMethod.Get, $"{Events}?cf_connect={Uri.EscapeDataString(Expired)}", null);
        var lines = await Broker.SendAsync(HttpMethod.Post, Lines, Expired.Utf8());

        Assert.That((events.Status, events.Body), Is.EqualTo((401, """{"why":"expired"}""")));
        Assert.That((lines.Status, lines.Body), Is.EqualTo((401, "token expired")), "Without a body it is the text of the error.");
    }

    [Test]
    public async Task A_disconnect_is_an_answer_too_and_zero_stands_for_all_others()
    {
        var answer = await Broker.SendAsync(HttpMethod.Post, Events, Unknown.Utf8());

        Assert.That((answer.Status, answer.Body), Is.EqualTo((500, "Internal Server Error")));
    }

    [Test]
    public async Task A_status_without_a_body_has_none()
    {
        var answer = await Broker.SendAsync(HttpMethod.Post, Lines, Unknown.Utf8());

        Assert.That((answer.Status, answer.Body), Is.EqualTo((204, "")));
    }

    [Test]
    public async Task A_failure_without_an_answer_is_a_stream_that_ends_with_a_push()
    {
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, Lines, """{"subs":{"unknown:a":{}}}""".Utf8());

        Assert.That(await stream.ReadLineAsync(), Is.EqualTo("""{"disconnect":{"code":3501,"reason":"bad request"}}"""));
        Assert.That(await stream.ReadLineAsync(), Is.Null);
    }

    [Test]
    public async Task A_connect_that_succeeds_begins_a_stream_however_long_its_first_push_is()
    {
        var channels = string.Join(',', Enumerable.Range(0, 100).Select(number => $"\"public.channel-{number}\":{{}}"));
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, Events, $$$"""{"subs":{{{{channels}}}}}""".Utf8());

        Assert.That(await stream.ReadAsync(1), Is.EqualTo("\n".Utf8()));
        var connected = await stream.ReadEventAsync();
        await Broker.PublishAsync("public.channel-7", "1");

        Assert.That(connected, Does.Contain("\"public.channel-99\"").And.Length.GreaterThan(1024));
        Assert.That(await stream.ReadEventAsync(), Is.EqualTo("""{"channel":"public.channel-7","pub":{"data":1}}"""));
    }

    [Test]
    public async Task Refused_clients_leave_nothing_behind()
    {
        for (var i = 0; i < 3; i++)
        {
            await Broker.SendAsync(HttpMethod.Post, Lines, Expired.Utf8());
        }

        Assert.That(await Broker.CountClientsAsync(), Is.Zero);
    }
}

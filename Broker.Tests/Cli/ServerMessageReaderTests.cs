using System.Text;
using System.Text.Json;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ServerMessageReaderTests
{
    [TestCase("{}", nameof(ServerMessageKind.Ping))]
    [TestCase(""" { } """, nameof(ServerMessageKind.Ping))]
    [TestCase("""{"id":1,"connect":{"client":"c"}}""", nameof(ServerMessageKind.ConnectReply))]
    [TestCase("""{"id":2,"subscribe":{}}""", nameof(ServerMessageKind.SubscribeReply))]
    [TestCase("""{"id":2,"error":{"code":403}}""", nameof(ServerMessageKind.ErrorReply))]
    [TestCase("""{"push":{"channel":"c","pub":{"data":1}}}""", nameof(ServerMessageKind.Publication))]
    [TestCase("""{"push":{"channel":"c","unsubscribe":{"code":2000}}}""", nameof(ServerMessageKind.Unsubscribe))]
    [TestCase("""{"push":{"channel":"c","join":{"info":{"user":"u"}}}}""", nameof(ServerMessageKind.Other))]
    [TestCase("""{"id":3,"unsubscribe":{}}""", nameof(ServerMessageKind.Other))]
    [TestCase("""{"id":5,"refresh":{"client":"c","expires":true,"ttl":600}}""", nameof(ServerMessageKind.Refresh))]
    [TestCase("""{"push":{"refresh":{"expires":true,"ttl":600}}}""", nameof(ServerMessageKind.Refresh))]
    public void Each_message_has_its_kind(string line, string kind)
    {
        Assert.That(Read(line).Kind.ToString(), Is.EqualTo(kind));
    }

    [Test]
    public void A_connect_reply_says_how_often_the_server_pings()
    {
        var message = Read("""{"id":1,"connect":{"client":"c","subs":{"x":{}},"ping":25,"pong":true,"expires":true,"ttl":600}}""");

        Assert.That(
            (message.Id, message.PingSeconds, message.Pong, message.TokenSeconds),
            Is.EqualTo((1u, 25, true, 600u)));
    }

    [Test]
    public void An_error_has_a_code_a_text_and_a_temporary_flag()
    {
        var message = Read("""{"error":{"temporary":true,"message":"too many requests","code":111},"id":7}""");

        Assert.That(
            (message.Id, message.Code, message.Reason, message.Temporary),
            Is.EqualTo((7u, 111u, "too many requests", true)));
    }

    [Test]
    public void A_payload_is_the_raw_value_without_the_whitespace_around_it()
    {
        var message = Read("""{"push":{"pub":{"tags":{"k":"v"},"data": {"a" : [1, 2]} ,"offset":1},"channel":"a\"b"}}""");

        Assert.That(Encoding.UTF8.GetString(message.Publication.Envelope.Payload), Is.EqualTo("""{"a" : [1, 2]}"""));
        Assert.That(Encoding.UTF8.GetString(message.Publication.Channel), Is.EqualTo("\"a\\\"b\""));
    }

    [Test]
    public void A_publication_has_its_offset_in_the_history()
    {
        var message = Read("""{"push":{"channel":"c","pub":{"offset":18446744073709551615,"epoch":"e","data":1}}}""");

        Assert.That((message.Publication.Offset, message.Publication.Epoch), Is.EqualTo((ulong.MaxValue, "e")));
    }

    [Test]
    public void A_subscribe_reply_lists_what_was_missed()
    {
        var message = Read(
            """{"id":2,"subscribe":{"publications":[{"data":{"a":[1]},"offset":8},{"offset":9,"data":"x","tags":{}}],"recovered":true,"was_recovering":true,"recoverable":true,"epoch":"e","offset":7,"positioned":true}}""");
        var result = message.Subscribed;

        Assert.That(
            (result.Recoverable, result.Epoch, result.Offset, result.WasRecovering, result.Recovered),
            Is.EqualTo((true, "e", 7ul, true, true)));
        Assert.That(ReadList(result.Publications), Is.EqualTo(["8 {\"a\":[1]}", "9 \"x\""]));
    }

    [TestCase("""{"id":2,"subscribe":{}}""")]
    [TestCase("""{"id":2,"subscribe":{"publications":[]}}""")]
    [TestCase("""{"id":2,"subscribe":{"publications":null}}""")]
    public void A_subscribe_reply_may_list_nothing(string line)
    {
        Assert.That(ReadList(Read(line).Subscribed.Publications), Is.Empty);
    }

    [Test]
    public void A_list_of_something_else_is_refused()
    {
        Assert.That(() => ReadList("[1]"u8), Throws.InstanceOf<JsonException>());
    }

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("{")]
    [TestCase("""{"push":5}""")]
    [TestCase("""{"id":"1","connect":{}}""")]
    [TestCase("""{"id":4294967296,"connect":{}}""")]
    [TestCase("""{"id":1,"error":{"code":1,"message":"\ud800"}}""")]
    [TestCase("""{"push":{"channel":"c","pub":{"data":{]}}}""")]
    public void Anything_else_is_refused(string line)
    {
        Assert.That(() => { _ = Read(line); }, Throws.InstanceOf<JsonException>());
    }

    [Test]
    public void A_message_cut_anywhere_is_refused()
    {
        var whole = """{"push":{"channel":"c","pub":{"data":{"a":[1,"x"]}}}}""";

        Assert.Multiple(() =>
        {
            for (var length = 0; length < whole.Length; length++)
            {
                var part = whole[..length];
                Assert.That(() => { _ = Read(part); }, Throws.InstanceOf<JsonException>(), part);
            }
        });
    }

    private static List<string> ReadList(ReadOnlySpan<byte> list)
    {
        var items = new List<string>();
        var reader = ServerMessageReader.ReadList(list);
        var publication = default(Publication);
        while (ServerMessageReader.NextPublication(list, ref reader, ref publication))
        {
            items.Add($"{publication.Offset} {Encoding.UTF8.GetString(publication.Envelope.Payload)}");
        }
        return items;
    }

    private static ServerMessage Read(string line) => ServerMessageReader.Read(Encoding.UTF8.GetBytes(line));
}

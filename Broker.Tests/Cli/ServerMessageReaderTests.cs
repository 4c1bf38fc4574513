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
    public void Each_message_has_its_kind(string line, string kind)
    {
        Assert.That(Read(line).Kind.ToString(), Is.EqualTo(kind));
    }

    [Test]
    public void A_connect_reply_says_how_often_the_server_pings()
    {
        var message = Read("""{"id":1,"connect":{"client":"c","subs":{"x":{}},"ping":25,"pong":true}}""");

        Assert.That((message.Id, message.PingSeconds, message.Pong), Is.EqualTo((1u, 25, true)));
    }

    [Test]
    public void An_error_has_code_text_and_whether_it_passes()
    {
        var message = Read("""{"error":{"temporary":true,"message":"too many requests","code":111},"id":7}""");

        Assert.That(
            (message.Id, message.Code, message.Reason, message.Temporary),
            Is.EqualTo((7u, 111u, "too many requests", true)));
    }

    [Test]
    public void Data_is_the_raw_value_without_the_blanks_around_it()
    {
        var message = Read("""{"push":{"pub":{"tags":{"k":"v"},"data": {"a" : [1, 2]} ,"offset":1},"channel":"a\"b"}}""");

        Assert.That(Encoding.UTF8.GetString(message.Data), Is.EqualTo("""{"a" : [1, 2]}"""));
        Assert.That(Encoding.UTF8.GetString(message.Channel), Is.EqualTo("\"a\\\"b\""));
    }

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("{")]
    [TestCase("""{"push":5}""")]
    [TestCase("""{"id":"1","connect":{}}""")]
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

    private static ServerMessage Read(string line) => ServerMessageReader.Read(Encoding.UTF8.GetBytes(line));
}

using ClawEvents.Broker.Redis.Hearing;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Redis;

internal sealed class RespFrameTests
{
    private static readonly string[] Values =
    [
        "+OK\r\n", "-ERR no\r\n", ":-17\r\n", "$5\r\nhe\r\no\r\n", "$0\r\n\r\n", "$-1\r\n", "*-1\r\n", "_\r\n", ",1.5\r\n", "(123456789012345678901\r\n", "#t\r\n",
        "*0\r\n", "*2\r\n+a\r\n*1\r\n$1\r\nb\r\n", "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n_\r\n", "~1\r\n:1\r\n", "=7\r\ntxt:abc\r\n", "!5\r\nERR x\r\n",
        ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$3\r\nabc\r\n", "|1\r\n+ttl\r\n:5\r\n*1\r\n+x\r\n",
    ];

    [TestCaseSource(nameof(Values))]
    public void A_value_is_complete_with_its_last_byte_and_not_before(string value)
    {
        var bytes = (value + "+next\r\n").Utf8();

        for (var split = 0; split < bytes.Length; split++)
        {
            var isWhole = RespFrame.TryMeasure(bytes.AsSpan(..split), out var length);

            Assert.That(isWhole, Is.EqualTo(split >= value.Length), $"{split} bytes");
            Assert.That(isWhole ? length : value.Length, Is.EqualTo(value.Length));
        }
    }

    [TestCase(">2\r\n$10\r\ninvalidate\r\n_\r\n", true)]
    [TestCase("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$3\r\nabc\r\n", true)]
    [TestCase("*3\r\n$8\r\nsmessage\r\n$1\r\nc\r\n$3\r\nabc\r\n", true)]
    [TestCase("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n", true)]
    [TestCase("*3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n", true)]
    [TestCase("*3\r\n$10\r\nssubscribe\r\n$1\r\nc\r\n:1\r\n", true)]
    [TestCase("*3\r\n$12\r\nsunsubscribe\r\n$1\r\nc\r\n:0\r\n", true)]
    [TestCase("*2\r\n$4\r\npong\r\n$0\r\n\r\n", false)]
    [TestCase("*2\r\n$6\r\nserver\r\n$5\r\nredis\r\n", false)]
    [TestCase("*1\r\n*1\r\n$7\r\nmessage\r\n", false)]
    [TestCase("*0\r\n", false)]
    [TestCase("*-1\r\n", false)]
    [TestCase("$7\r\nmessage\r\n", false)]
    [TestCase("+PONG\r\n", false)]
    public void What_a_server_sends_unasked_is_known_in_both_versions_of_the_protocol(string value, bool isPush) =>
        Assert.That(RespFrame.IsPush(value.Utf8()), Is.EqualTo(isPush));

    [TestCase("HTTP/1.1 400 Bad Request\r\n")]
    [TestCase("\r\n")]
    [TestCase("$x\r\n")]
    [TestCase("$-2\r\n")]
    [TestCase("$999999999999\r\n")]
    [TestCase("$536870913\r\n")]
    [TestCase("*8388609\r\n")]
    [TestCase(">-1\r\n")]
    [TestCase("~-1\r\n")]
    [TestCase("%-1\r\n")]
    [TestCase("|-1\r\n")]
    [TestCase("=-1\r\n")]
    [TestCase("!-1\r\n")]
    [TestCase("*2\r\n+a\r\nb\r\n")]
    public void Bytes_that_are_not_RESP_are_refused(string bytes) =>
        Assert.That(() => RespFrame.TryMeasure(bytes.Utf8(), out _), Throws.InstanceOf<InvalidDataException>());

    [Test]
    public void A_line_without_an_end_is_refused_when_it_is_too_long() =>
        Assert.That(() => RespFrame.TryMeasure(("+" + new string('x', 70_000)).Utf8(), out _), Throws.InstanceOf<InvalidDataException>());

    [Test]
    public void Values_of_all_types_are_read()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Read("$5\r\nhe\r\no\r\n").ToString(), Is.EqualTo("he\r\no"));
            Assert.That(Read(":-17\r\n").ToNumber(), Is.EqualTo(-17));
            Assert.That(Read("$2\r\n42\r\n").ToNumber(), Is.EqualTo(42));
            Assert.That(Read("-ERR no\r\n"), Has.Property("Kind").EqualTo(RespKind.Error));
            Assert.That(Read("!5\r\nERR x\r\n").ToString(), Is.EqualTo("ERR x"));
            Assert.That(new[] { "$-1\r\n", "*-1\r\n", "_\r\n" }.Select(Read), Has.All.Property("IsNull").True);
            Assert.That(Read("*2\r\n+a\r\n*1\r\n$1\r\nb\r\n").Items[1].Items[0].ToString(), Is.EqualTo("b"));
            Assert.That(Read("%1\r\n+role\r\n+master\r\n").Items[1].ToString(), Is.EqualTo("master"));
            Assert.That(Read("|1\r\n+ttl\r\n:5\r\n*1\r\n+x\r\n").Items[0].ToString(), Is.EqualTo("x"));
            Assert.That(Read(">1\r\n+x\r\n").Kind, Is.EqualTo(RespKind.Push));
        }
    }

    [Test]
    public void Values_that_are_nested_too_deep_are_refused() =>
        Assert.That(() => Read(string.Concat(Enumerable.Repeat("*1\r\n", 40)) + "+x\r\n"), Throws.InstanceOf<InvalidDataException>());

    [Test]
    public void Reading_a_value_as_another_type_is_refused()
    {
        Assert.That(() => Read("+x\r\n").Items.Length, Throws.InstanceOf<InvalidDataException>());
        Assert.That(() => Read("*0\r\n").Bytes, Throws.InstanceOf<InvalidDataException>());
        Assert.That(() => Read("_\r\n").Bytes, Throws.InstanceOf<InvalidDataException>());
    }

    private static RespValue Read(string bytes) => new RespReader(bytes.Utf8()).Read();
}

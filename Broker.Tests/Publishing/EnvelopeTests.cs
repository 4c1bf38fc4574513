using System.Buffers;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Publishing;

internal sealed class EnvelopeTests
{
    private static readonly DateTimeOffset Moment = DateTimeOffset.FromUnixTimeMilliseconds(1_769_990_400_123);

    [TestCase("bob", "\"bob\"")]
    [TestCase("app:shop", "\"app:shop\"")]
    [TestCase("", "\"anonymous\"")]
    [TestCase("a\"b\\c\n", "\"a\\\"b\\\\c\\n\"")]
    public void The_broker_names_sender_and_time_around_the_payload(string sender, string json)
    {
        var written = Write(sender, "{\"a\":1}");

        Assert.That(written, Is.EqualTo($"{{\"_claw\":{{\"sender\":{json},\"timestamp\":1769990400123}},\"payload\":{{\"a\":1}}}}"));
    }

    [TestCase("null", "null")]
    [TestCase("{ \"b\" : 12345678901234567890, \"a\":\"\\u00e9\\/é\" }", "{ \"b\" : 12345678901234567890, \"a\":\"\\u00e9\\/é\" }")]
    [TestCase("{\r\n\t\"a\":\n1}", "{\t\"a\":1}")]
    public void The_payload_stays_as_it_was_spelt_but_for_line_breaks(string payload, string expected)
    {
        var written = Write("bob", payload);

        Assert.That(written, Does.EndWith($"\"payload\":{expected}}}"));
    }

    [Test]
    public void The_time_is_whole_milliseconds_whatever_the_offset()
    {
        var output = new ArrayBufferWriter<byte>();
        var moment = Moment.AddTicks(9_999).ToOffset(TimeSpan.FromHours(5));

        Envelope.Write(output, Principal.Anonymous, moment, "1"u8);

        Assert.That(output.Text(), Does.Contain("\"timestamp\":1769990400123}"));
    }

    private static string Write(string sender, string payload)
    {
        var output = new ArrayBufferWriter<byte>();
        Envelope.Write(output, Principal.Of(sender), Moment, payload.Utf8());
        return output.Text();
    }
}

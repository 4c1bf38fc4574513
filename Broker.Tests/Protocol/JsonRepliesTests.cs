using System.Buffers;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

internal sealed class JsonRepliesTests
{
    private static readonly Guid Client = new("0407eac7-0000-4abc-8def-123456789abc");

    private readonly ArrayBufferWriter<byte> _output = new();

    [TestCase(0, 25, "\"ping\":25,\"pong\":true")]
    [TestCase(0, 0, "")]
    [TestCase(604800, 25, "\"expires\":true,\"ttl\":604800,\"ping\":25,\"pong\":true")]
    [TestCase(1, 0, "\"expires\":true,\"ttl\":1")]
    public void The_reply_to_a_connect(long timeToLive, int ping, string rest)
    {
        MessageCodec.Json.TryWriteConnected(_output, 1, new ConnectResult(Client, "0.1.0 ClawEvents", timeToLive, ping) { Pong = ping > 0 });

        var fields = rest.Length == 0 ? "" : "," + rest;
        Assert.That(_output.Text(), Is.EqualTo(
            $"{{\"id\":1,\"connect\":{{\"client\":\"0407eac7-0000-4abc-8def-123456789abc\",\"version\":\"0.1.0 ClawEvents\"{fields}}}}}"));
    }

    [Test]
    public void An_error_that_is_final()
    {
        MessageCodec.Json.WriteError(_output, 4, ErrorCode.Forbidden);

        Assert.That(_output.Text(), Is.EqualTo("{\"id\":4,\"error\":{\"code\":403,\"message\":\"permission denied\"}}"));
    }

    [Test]
    public void An_error_that_is_temporary_says_so_and_its_message_may_hold_anything()
    {
        MessageCodec.Json.WriteError(_output, 5, ErrorCode.TooManyRequests.Because("slow \"down\"\n"));

        Assert.That(_output.Text(), Is.EqualTo("{\"id\":5,\"error\":{\"code\":111,\"message\":\"slow \\\"down\\\"\\n\",\"temporary\":true}}"));
    }

    [Test]
    public void The_reply_to_a_publish_with_the_greatest_id()
    {
        MessageCodec.Json.WritePublished(_output, uint.MaxValue);

        Assert.That(_output.Text(), Is.EqualTo("{\"id\":4294967295,\"publish\":{}}"));
    }
}

using System.Buffers;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

internal sealed class ReplyWriterTests
{
    private static readonly Guid Client = new("0407eac7-0000-4abc-8def-123456789abc");

    private readonly ArrayBufferWriter<byte> _output = new();

    [TestCase(0, 25, "\"ping\":25,\"pong\":true")]
    [TestCase(0, 0, "")]
    [TestCase(604800, 25, "\"expires\":true,\"ttl\":604800,\"ping\":25,\"pong\":true")]
    [TestCase(1, 0, "\"expires\":true,\"ttl\":1")]
    public void The_reply_to_a_connect(long timeToLive, int ping, string rest)
    {
        ReplyWriter.WriteConnected(_output, 1, new ConnectResult(Client, "0.1.0 ClawEvents", timeToLive, ping));

        var fields = rest.Length == 0 ? "" : "," + rest;
        Assert.That(_output.Text(), Is.EqualTo(
            $"{{\"id\":1,\"connect\":{{\"client\":\"0407eac7-0000-4abc-8def-123456789abc\",\"version\":\"0.1.0 ClawEvents\"{fields}}}}}"));
    }

    [TestCase(0, "")]
    [TestCase(60, ",\"expires\":true,\"ttl\":60")]
    public void The_reply_to_a_refresh(long timeToLive, string rest)
    {
        ReplyWriter.WriteRefreshed(_output, 7, new ConnectResult(Client, "v", timeToLive, 25));

        Assert.That(_output.Text(), Is.EqualTo(
            $"{{\"id\":7,\"refresh\":{{\"client\":\"0407eac7-0000-4abc-8def-123456789abc\",\"version\":\"v\"{rest}}}}}"));
    }

    [TestCase(false, "{\"id\":2,\"subscribe\":{}}")]
    [TestCase(true, "{\"id\":2,\"subscribe\":{\"was_recovering\":true}}")]
    public void The_reply_to_a_subscribe(bool wasRecovering, string expected)
    {
        ReplyWriter.WriteSubscribed(_output, 2, wasRecovering);

        Assert.That(_output.Text(), Is.EqualTo(expected));
    }

    [Test]
    public void The_reply_to_an_unsubscribe()
    {
        ReplyWriter.WriteUnsubscribed(_output, 3);

        Assert.That(_output.Text(), Is.EqualTo("{\"id\":3,\"unsubscribe\":{}}"));
    }

    [Test]
    public void The_reply_to_a_publish_with_the_greatest_id()
    {
        ReplyWriter.WritePublished(_output, uint.MaxValue);

        Assert.That(_output.Text(), Is.EqualTo("{\"id\":4294967295,\"publish\":{}}"));
    }

    [Test]
    public void An_error_that_is_final()
    {
        ReplyWriter.WriteError(_output, 4, ErrorCode.Forbidden);

        Assert.That(_output.Text(), Is.EqualTo("{\"id\":4,\"error\":{\"code\":403,\"message\":\"permission denied\"}}"));
    }

    [Test]
    public void An_error_that_is_temporary_says_so()
    {
        ReplyWriter.WriteError(_output, 5, ErrorCode.TooManyRequests.Because("slow down"));

        Assert.That(_output.Text(), Is.EqualTo("{\"id\":5,\"error\":{\"code\":111,\"message\":\"slow down\",\"temporary\":true}}"));
    }

    [Test]
    public void Errors_have_the_numbers_and_messages_that_clients_know()
    {
        ErrorCode[] errors =
        [
            ErrorCode.Internal, ErrorCode.UnknownChannel, ErrorCode.AlreadySubscribed, ErrorCode.LimitExceeded, ErrorCode.BadRequest,
            ErrorCode.NotAvailable, ErrorCode.TokenExpired, ErrorCode.TooManyRequests, ErrorCode.Forbidden,
        ];

        var texts = errors.Select(error => $"{error.Code} {error.Message}{(error.Temporary ? " (temporary)" : "")}");

        Assert.That(texts, Is.EqualTo(new[]
        {
            "100 internal server error (temporary)", "102 unknown channel", "105 already subscribed", "106 limit exceeded", "107 bad request",
            "108 not available", "109 token expired", "111 too many requests (temporary)", "403 permission denied",
        }));
    }
}

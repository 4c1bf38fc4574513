using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

internal sealed class PushWriterTests
{
    private static readonly Guid Client = new("0407eac7-0000-4abc-8def-123456789abc");

    private readonly ArrayBufferWriter<byte> _output = new();

    [Test]
    public void A_ping_is_an_empty_reply()
    {
        Assert.That(PushWriter.Ping.ToArray(), Is.EqualTo("{}".Utf8()));
    }

    [Test]
    public void A_publication_from_no_connection_has_no_info()
    {
        PushWriter.WritePublication(_output, TestChannel.Named("public.a"), new Publication { Data = "{\"a\":1}"u8 });

        Assert.That(_output.Text(), Is.EqualTo("{\"push\":{\"channel\":\"public.a\",\"pub\":{\"data\":{\"a\":1}}}}"));
    }

    [TestCase("bob", "\"bob\"")]
    [TestCase("", "\"\"")]
    [TestCase("a\"b", "\"a\\\"b\"")]
    public void A_publication_from_a_connection_names_its_user_and_client(string user, string json)
    {
        PushWriter.WritePublication(
            _output, TestChannel.Named("public.a"), new Publication { Data = "1"u8, Publisher = Principal.Of(user), Client = Client });

        Assert.That(_output.Text(), Is.EqualTo(
            $"{{\"push\":{{\"channel\":\"public.a\",\"pub\":{{\"data\":1,\"info\":{{\"user\":{json},\"client\":\"0407eac7-0000-4abc-8def-123456789abc\"}}}}}}}}"));
    }

    [Test]
    public void A_channel_with_quotes_is_escaped()
    {
        PushWriter.WritePublication(_output, TestChannel.Named("public.\"\\"), new Publication { Data = "1"u8 });

        Assert.That(_output.Text(), Is.EqualTo("{\"push\":{\"channel\":\"public.\\\"\\\\\",\"pub\":{\"data\":1}}}"));
    }

    [TestCase("{\n\"a\":\n\n1\n}", "{\"a\":1}")]
    [TestCase("\r\n[1,\r\n 2]\r\n", "[1, 2]")]
    [TestCase("\n", "")]
    [TestCase("{\t\"a\" : \"\\n\\r\" }", "{\t\"a\" : \"\\n\\r\" }")]
    public void Raw_line_breaks_of_a_payload_are_left_out_and_all_else_stays(string data, string expected)
    {
        PushWriter.WritePublication(_output, TestChannel.Named("public.a"), new Publication { Data = data.Utf8() });

        Assert.That(_output.Text(), Is.EqualTo($"{{\"push\":{{\"channel\":\"public.a\",\"pub\":{{\"data\":{expected}}}}}}}"));
    }

    [Test]
    public void The_end_of_a_subscription_carries_code_and_reason()
    {
        PushWriter.WriteUnsubscribe(_output, TestChannel.Named("agent.o.t"), UnsubscribeCode.PermissionDenied);

        Assert.That(_output.Text(), Is.EqualTo(
            "{\"push\":{\"channel\":\"agent.o.t\",\"unsubscribe\":{\"code\":2000,\"reason\":\"permission denied\"}}}"));
    }

    [Test]
    public void Every_reason_to_disconnect_fits_a_close_frame_and_none_of_the_protocols_own_is_empty()
    {
        var codes = typeof(DisconnectCode).GetFields().Select(field => field.GetValue(null)).OfType<DisconnectCode>().ToArray();

        Assert.That(codes, Has.Length.GreaterThan(10));
        Assert.That(codes, Has.All.Matches<DisconnectCode>(code =>
            code.Reason.Length <= 123 && code.Reason.All(char.IsAscii) && (code.Code < 3000 || code.Reason.Length > 0)));
    }
}

using System.Text;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Transports;

/// <summary>HTTP-streaming in Protobuf, as bytes made by hand.</summary>
[Checklist(139)]
public sealed class ProtobufStreamTests : RunningBrokerTests
{
    // Command: id = 1, connect = 4.
    private static readonly byte[] Connect = [4, 0x08, 1, 0x22, 0];

    // Command: id = 1, subscribe = 5 of channel = 1.
    private static readonly byte[] Subscribe = [14, 0x08, 2, 0x2A, 10, 0x0A, 8, .. "public.a"u8];

    [Test]
    public async Task Messages_are_Protobuf_both_ways()
    {
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, "/connection/http_stream", Connect, ("Content-Type", "application/octet-stream"));
        var reply = Encoding.Latin1.GetString(await stream.ReadProtobufAsync());
        var session = Regex.Match(reply, "[0-9a-f]{32}").Value;
        var node = Regex.Matches(reply, "[0-9a-f]{8}-[0-9a-f-]{27}")[1].Value;

        Assert.That(stream.Response.Content.Headers.ContentType?.ToString(), Is.EqualTo("application/octet-stream"));
        Assert.That(reply, Does.StartWith("\u0008\u0001\u002A"), "id = 1, connect = 5");
        Assert.That(await stream.SayProtobufAsync(session, node, Subscribe), Is.EqualTo(204));
        Assert.That(await stream.ReadProtobufAsync(), Is.EqualTo(new byte[] { 0x08, 2, 0x32, 0 }), "id = 2, subscribe = 6");
        await Broker.PublishAsync("public.a", "7");
        Assert.That(await stream.ReadProtobufAsync(), Is.EqualTo((byte[])[0x22, 15, 0x12, 8, .. "public.a"u8, 0x22, 3, 0x22, 1, (byte)'7']));
    }

    [Test]
    public async Task A_message_that_is_not_a_command_ends_the_stream_with_a_Protobuf_push()
    {
        await using var stream = await RunningStream.OpenAsync(Broker, HttpMethod.Post, "/connection/http_stream", [1, 0xFF], ("Content-Type", "application/octet-stream"));

        var push = await stream.ReadProtobufAsync();

        Assert.That(Encoding.Latin1.GetString(push), Does.EndWith("bad request"));
        Assert.That(push[..2], Is.EqualTo(new byte[] { 0x22, (byte)(push.Length - 2) }), "push = 4");
        Assert.That(await stream.ReadAsync(1), Is.Empty);
    }
}

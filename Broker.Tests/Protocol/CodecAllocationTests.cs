using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>Frequent commands and messages cost no memory.</summary>
internal sealed class CodecAllocationTests
{
    private static readonly string[] Frequent = ["pong", "publish", "publish of null", "subscribe", "subscribe with everything", "unsubscribe", "connect with a token"];

    private static IEnumerable<CommandVector> FrequentCommands => CommandVectors.All.Where(vector => Frequent.Contains(vector.Name));

    private static readonly MessageCodec[] Codecs = [MessageCodec.Json, MessageCodec.Protobuf, MessageCodec.JsonPushes, MessageCodec.ProtobufPushes];

    [TestCaseSource(nameof(FrequentCommands))]
    public void Reading_a_frequent_command_costs_no_memory(CommandVector vector)
    {
        var (json, protobuf) = (vector.Json.Utf8(), Convert.FromHexString(vector.Hex));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Allocations.PerCall(() => Read(MessageCodec.Json, json)), Is.Zero);
            Assert.That(Allocations.PerCall(() => Read(MessageCodec.Protobuf, protobuf)), Is.Zero);
        }
    }

    [TestCase("{\"id\":12,\"publish\":{\"channel\":\"agent.researcher.findings\",\"data\":{\"text\":\"h\\u00e9llo\",\"n\":[1,2,3]}}}")]
    [TestCase("{\"id\":12,\"history\":{\"channel\":\"a\",\"limit\":10,\"since\":{\"offset\":5,\"epoch\":\"e\"}}}")]
    public void Reading_escapes_in_a_payload_and_a_place_in_history_costs_no_memory(string json)
    {
        var message = json.Utf8();

        Assert.That(Allocations.PerCall(() => Read(MessageCodec.Json, message)), Is.Zero);
    }

    [TestCaseSource(nameof(Codecs))]
    public void Writing_a_publication_costs_no_memory(MessageCodec codec)
    {
        var (channel, publisher, data) = (TestChannel.Named("public.townsquare"), new ClientInfo("alice", Guid.NewGuid(), "{\"a\":1}".Utf8()), "{\"text\":\"é\",\"n\":[1,2]}".Utf8());
        var output = new ArrayBufferWriter<byte>(4096);

        Assert.That(
            Allocations.PerCall(() =>
            {
                output.ResetWrittenCount();
                codec.TryWritePublicationPush(output, channel, new() { Publication = new(data, publisher), Offset = 300 });
                codec.TryWritePublicationPush(output, channel, new() { Publication = new(data), Form = PublicationForm.Whole });
            }),
            Is.Zero);
    }

    [TestCaseSource(nameof(Codecs))]
    public void Writing_a_frequent_reply_costs_no_memory(MessageCodec codec)
    {
        var output = new ArrayBufferWriter<byte>(4096);

        Assert.That(
            Allocations.PerCall(() =>
            {
                output.ResetWrittenCount();
                codec.WritePublished(output, 300);
                codec.WriteUnsubscribed(output, 300);
                codec.TryWriteSubscribed(output, 300, new() { Recoverable = true, Position = new(5, "abcd") });
                codec.WriteError(output, 300, ErrorCode.PermissionDenied);
            }),
            Is.Zero);
    }

    private static void Read(MessageCodec codec, byte[] message)
    {
        ReadOnlyMemory<byte> rest = message;
        codec.TryReadCommand(ref rest, out _);
    }
}

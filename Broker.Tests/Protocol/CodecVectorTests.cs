using System.Buffers;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Protobuf;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>Both encodings mean the same.</summary>
internal sealed class CodecVectorTests
{
    private readonly ArrayBufferWriter<byte> _output = new();

    [TestCaseSource(typeof(CommandVectors), nameof(CommandVectors.All))]
    public void A_command_is_read_from_JSON(CommandVector vector) =>
        Assert.That(ReadAll(MessageCodec.Json, vector.Json.Utf8()), Is.EqualTo(new[] { CommandText.Of(vector.Command) }));

    [TestCaseSource(typeof(CommandVectors), nameof(CommandVectors.All))]
    public void A_command_is_read_from_Protobuf(CommandVector vector) =>
        Assert.That(ReadAll(MessageCodec.Protobuf, Convert.FromHexString(vector.Hex)), Is.EqualTo(new[] { CommandText.Of(vector.Command) }));

    [Checklist(17, 18, 19, 20)]
    [TestCaseSource(typeof(MessageVectors), nameof(MessageVectors.All))]
    public void A_message_is_written_in_JSON(MessageVector vector)
    {
        Assert.That(vector.Write(MessageCodec.Json, _output), Is.True);
        Assert.That(_output.Text(), Is.EqualTo(vector.Json));
    }

    [TestCaseSource(typeof(MessageVectors), nameof(MessageVectors.All))]
    public void A_message_is_written_in_Protobuf(MessageVector vector)
    {
        Assert.That(vector.Write(MessageCodec.Protobuf, _output), Is.True);
        Assert.That(Convert.ToHexString(_output.WrittenSpan), Is.EqualTo(vector.Hex));
    }

    [TestCaseSource(typeof(MessageVectors), nameof(MessageVectors.PushesOnly))]
    public void A_push_of_a_unidirectional_transport_stands_alone_in_JSON(MessageVector vector)
    {
        vector.Write(MessageCodec.JsonPushes, _output);

        Assert.That(_output.Text(), Is.EqualTo(vector.Json["{\"push\":".Length..^1]));
    }

    [TestCaseSource(typeof(MessageVectors), nameof(MessageVectors.PushesOnly))]
    public void A_push_of_a_unidirectional_transport_stands_alone_in_Protobuf(MessageVector vector)
    {
        const byte pushTag = (4 << 3) | 2;
        vector.Write(MessageCodec.ProtobufPushes, _output);

        // The reply around it has its own length and nothing but the push.
        byte[] inReply = [pushTag, .. _output.WrittenSpan];
        var reader = new ProtobufReader(Convert.FromHexString(vector.Hex));
        Assert.That(reader.TryReadBytes(WireType.Length, out var reply), Is.True);
        Assert.That(reply.ToArray(), Is.EqualTo(inReply));
    }

    [Test]
    [Checklist(8, 9)]
    public void A_message_holds_many_commands_in_their_order()
    {
        var expected = CommandVectors.All.Select(vector => CommandText.Of(vector.Command)).ToArray();
        var json = string.Join('\n', CommandVectors.All.Select(vector => vector.Json));
        var hex = string.Concat(CommandVectors.All.Select(vector => vector.Hex));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(ReadAll(MessageCodec.Json, json.Utf8()), Is.EqualTo(expected));
            Assert.That(ReadAll(MessageCodec.Json, (json + "\n").Utf8()), Is.EqualTo(expected));
            Assert.That(ReadAll(MessageCodec.Json, json.Replace("\n", "\r\n", StringComparison.Ordinal).Utf8()), Is.EqualTo(expected));
            Assert.That(ReadAll(MessageCodec.Protobuf, Convert.FromHexString(hex)), Is.EqualTo(expected));
        }
    }

    [Test]
    public void Transports_learn_the_subprotocol_the_frame_type_and_the_ping()
    {
        MessageCodec[] codecs = [MessageCodec.Json, MessageCodec.JsonPushes, MessageCodec.Protobuf, MessageCodec.ProtobufPushes];

        Assert.That(codecs.Select(codec => $"{codec.Subprotocol} {codec.IsBinary} {Convert.ToHexString(codec.Ping)}"), Is.EqualTo(new[]
        {
            "centrifuge-json False 7B7D", "centrifuge-json False 7B7D", "centrifuge-protobuf True 00", "centrifuge-protobuf True 00",
        }));
    }

    [Test]
    [Checklist(21)]
    public void Numbers_of_64_bits_keep_all_bits_in_both_encodings()
    {
        const ulong offset = ulong.MaxValue;
        MessageCodec.Json.TryWriteHistory(_output, 1, [], new(offset, "e"));
        var json = _output.Text();
        _output.Clear();
        MessageCodec.Protobuf.TryWriteHistory(_output, 1, [], new(offset, "e"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(json, Does.EndWith("\"offset\":18446744073709551615}}"));
            Assert.That(Convert.ToHexString(_output.WrittenSpan), Does.EndWith("18FFFFFFFFFFFFFFFFFF01"));
            Assert.That(ReadAll(MessageCodec.Json, "{\"id\":1,\"subscribe\":{\"offset\":18446744073709551615}}".Utf8()), Is.EqualTo(new[] { "Subscribe 1 offset=18446744073709551615" }));
            Assert.That(ReadAll(MessageCodec.Protobuf, Convert.FromHexString("0F08012A0B38FFFFFFFFFFFFFFFFFF01")), Is.EqualTo(new[] { "Subscribe 1 offset=18446744073709551615" }));
        }
    }

    [Test]
    public void A_large_message_after_a_small_one_is_whole()
    {
        var data = string.Concat("\"", new string('x', 300_000), "\"").Utf8();
        foreach (var payload in new[] { "1".Utf8(), data, "1".Utf8() })
        {
            _output.Clear();
            MessageCodec.Protobuf.TryWriteRpcResult(_output, 1, payload);
            var reader = new ProtobufReader(_output.WrittenMemory);
            reader.TryReadBytes(WireType.Length, out var reply);

            Assert.That(reader.IsAtEnd, Is.True);
            Assert.That(reply.Span.EndsWith(payload), Is.True);
        }
    }

    private static List<string> ReadAll(MessageCodec codec, byte[] message)
    {
        ReadOnlyMemory<byte> rest = message;
        var commands = new List<string>();
        while (!rest.IsEmpty)
        {
            if (!codec.TryReadCommand(ref rest, out var command))
            {
                commands.Add("malformed");
                break;
            }

            commands.Add(CommandText.Of(command));
        }

        return commands;
    }
}

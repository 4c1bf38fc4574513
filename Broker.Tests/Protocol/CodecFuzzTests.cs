using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>Untrusted bytes: nothing throws, nothing loops forever, nothing takes more memory than its bytes are worth. The seed is fixed.</summary>
internal sealed class CodecFuzzTests
{
    private const int Seed = 20_260_601;

    // An exception of the JSON reader, with its message and trace.
    private const long AllowedBytes = 64 * 1024;

    // A map in a connect: two bytes of Protobuf can be an entry, and an entry holds a command.
    private const long AllowedBytesPerByte = 300;

    private static readonly MessageCodec[] Codecs = [MessageCodec.Json, MessageCodec.Protobuf];

    private static byte[] BytesOf(CommandVector vector, MessageCodec codec) => codec.IsBinary ? Convert.FromHexString(vector.Hex) : vector.Json.Utf8();

    [TestCaseSource(nameof(Codecs))]
    public void A_truncated_command_is_not_a_command(MessageCodec codec)
    {
        foreach (var message in CommandVectors.All.Select(vector => BytesOf(vector, codec)))
        {
            for (var length = 1; length < message.Length; length++)
            {
                Assert.That(Read(codec, message[..length]), Is.EqualTo("Malformed"), Convert.ToHexString(message[..length]));
            }
        }
    }

    [TestCaseSource(nameof(Codecs))]
    public void A_truncated_connect_request_is_read_or_refused(MessageCodec codec)
    {
        var request = codec.IsBinary
            ? Convert.FromHexString("0A017412027B7D1A080A046E657773120022026A732A0335373132080A01611203622063")
            : "{\"token\":\"t\",\"data\":{},\"subs\":{\"news\":{\"recover\":true}},\"headers\":{\"a\":\"b\"}}".Utf8();

        for (var length = 0; length <= request.Length; length++)
        {
            var beginning = request[..length];
            Assert.That(() => codec.TryReadConnect(beginning, out _), Throws.Nothing);
            Assert.That(() => codec.TryReadEmulationRequest(beginning, out _), Throws.Nothing);
        }
    }

    [TestCaseSource(nameof(Codecs))]
    public void Random_bytes_are_read_or_refused(MessageCodec codec)
    {
        var random = new Random(Seed);
        for (var round = 0; round < 30_000; round++)
        {
            var message = new byte[random.Next(1, 60)];
            random.NextBytes(message);
            AssertHarmless(codec, message);
        }
    }

    [TestCaseSource(nameof(Codecs))]
    public void Damaged_commands_are_read_or_refused(MessageCodec codec)
    {
        var random = new Random(Seed);
        var messages = CommandVectors.All.Select(vector => BytesOf(vector, codec)).ToArray();
        var read = 0;
        for (var round = 0; round < 60_000; round++)
        {
            var message = Damage(random, messages[random.Next(messages.Length)], messages[random.Next(messages.Length)]);
            read += AssertHarmless(codec, message) == "End" ? 1 : 0;
        }

        Assert.That(read, Is.GreaterThan(1_000), "damage that is always found tests only the first check");
    }

    [Test]
    public void A_message_full_of_the_smallest_entries_takes_bounded_memory()
    {
        var entries = Enumerable.Range(0, 60_000 / 9).SelectMany(i => (byte[])[0x1A, 7, 0x0A, 5, .. System.Text.Encoding.ASCII.GetBytes($"{i:D5}")]).ToArray();
        byte[] connect = [0x08, 1, 0x22, .. Varint(entries.Length), .. entries];
        var json = $"{{\"id\":1,\"connect\":{{\"subs\":{{{string.Join(',', Enumerable.Range(0, 6_000).Select(i => $"\"{i}\":{{}}"))}}}}}}}";

        AssertHarmless(MessageCodec.Protobuf, [.. Varint(connect.Length), .. connect]);
        AssertHarmless(MessageCodec.Json, json.Utf8());
    }

    private static byte[] Varint(int value) => [(byte)(value | 0x80), (byte)((value >> 7) | 0x80), (byte)(value >> 14)];

    private static string AssertHarmless(MessageCodec codec, byte[] message)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var end = Read(codec, message);
        _ = codec.TryReadConnect(message, out _);
        _ = codec.TryReadEmulationRequest(message, out _);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > AllowedBytes + (AllowedBytesPerByte * message.Length))
        {
            Assert.Fail($"{allocated} bytes allocated for {Convert.ToHexString(message)}");
        }

        return end;
    }

    // Looks at every byte of the request that was read, so that a slice beyond the message would show.
    private static string Read(MessageCodec codec, byte[] message)
    {
        ReadOnlyMemory<byte> rest = message;
        for (var commands = 0; commands <= message.Length; commands++)
        {
            if (rest.IsEmpty)
            {
                return "End";
            }

            if (!codec.TryReadCommand(ref rest, out var command))
            {
                return "Malformed";
            }

            _ = CommandText.Of(command);
        }

        return "without end";
    }

    private static byte[] Damage(Random random, byte[] message, byte[] other)
    {
        var damaged = message.ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var place = random.Next(damaged.Count);
            switch (random.Next(5))
            {
                case 0:
                    damaged[place] = (byte)random.Next(256);
                    break;
                case 1:
                    damaged[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    damaged.Insert(place, (byte)random.Next(256));
                    break;
                case 3:
                    damaged.InsertRange(place, other[random.Next(other.Length)..]);
                    break;
                default:
                    damaged.RemoveRange(place, Math.Min(random.Next(1, 4), damaged.Count - place));
                    break;
            }

            if (damaged.Count == 0)
            {
                return [0xFF];
            }
        }

        return [.. damaged];
    }
}

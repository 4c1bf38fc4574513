using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using static ClawEvents.Broker.Tests.EndToEnd.Autobahn.AutobahnBytes;

namespace ClawEvents.Broker.Tests.EndToEnd.Autobahn;

/// <summary>Categories 1 to 5: framing, pings, reserved bits, opcodes, fragmentation.</summary>
internal static class FramingCases
{
    private static readonly byte[] Hello = "Hello, world!".Utf8();

    public static IEnumerable<AutobahnCase> All() => [.. Framing(), .. Pings(), .. ReservedBits(), .. Opcodes(), .. Fragmentation()];

    // A message without a command reaches the commands, which is what matters here, and is a bad request there.
    private static IEnumerable<AutobahnCase> Framing()
    {
        int[] sizes = [0, 125, 126, 127, 128, 65535, 65536];
        foreach (var (kind, name) in ((int, string)[])[(1, "text"), (2, "binary")])
        {
            Func<byte[], byte[]> frame = kind == 1 ? TextFrame : BinaryFrame;
            foreach (var (index, size) in sizes.Index())
            {
                yield return new($"1.{kind}.{index + 1}", $"a {name} message of {size} bytes", () => [frame(size == 0 ? [] : Command(2, size))], size == 0 ? "close 3501" : "reply 2");
            }

            yield return new($"1.{kind}.8", $"a {name} message of 65536 bytes in writes of 997", () => Chopped(997, frame(Command(2, 65536))), "reply 2");
        }
    }

    private static IEnumerable<AutobahnCase> Pings()
    {
        byte[] binary = [0x00, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0x00, 0xFF];
        var longest = Enumerable.Repeat((byte)0xFE, 125).ToArray();
        var ten = Enumerable.Range(0, 10).Select(number => $"payload-{number}".Utf8()).ToArray();
        yield return new("2.1", "a ping without payload", () => [Ping([])], Pong([]));
        yield return new("2.2", "a ping with text", () => [Ping(Hello)], Pong(Hello));
        yield return new("2.3", "a ping with bytes that are not text", () => [Ping(binary)], Pong(binary));
        yield return new("2.4", "a ping of 125 bytes", () => [Ping(longest)], Pong(longest));
        yield return new("2.5", "a ping of 126 bytes", () => [Ping([.. longest, 0xFE])], "close 1002");
        yield return new("2.6", "a ping of 125 bytes, byte by byte", () => Chopped(1, Ping(longest)), Pong(longest));
        yield return new("2.7", "a pong that nobody asked for", () => [RunningFrame.Masked(RunningFrame.Pong, [])]);
        yield return new("2.8", "a pong with payload that nobody asked for", () => [RunningFrame.Masked(RunningFrame.Pong, Hello)]);
        yield return new("2.9", "such a pong, then a ping", () => [RunningFrame.Masked(RunningFrame.Pong, Hello), Ping(binary)], Pong(binary));
        yield return new("2.10", "ten pings", () => Once(ten.Select(Ping)), [.. ten.Select(Pong)]);
        yield return new("2.11", "ten pings, byte by byte", () => Chopped(1, ten.Select(Ping)), [.. ten.Select(Pong)]);
    }

    private static IEnumerable<AutobahnCase> ReservedBits()
    {
        yield return new("3.1", "a text with reserved bits 1", () => [Reserved(1, RunningFrame.FinalText, Hello)], "close 1002");
        yield return new("3.2", "a text, one with reserved bits 2, a ping", () => Once(TextFrame(Command()), Reserved(2, RunningFrame.FinalText, Hello), Ping([])), "reply 2", "close 1002");
        yield return new("3.3", "a text, one with reserved bits 3, a ping, frame by frame", () => [TextFrame(Command()), Reserved(3, RunningFrame.FinalText, Hello), Ping([])], "reply 2", "close 1002");
        yield return new("3.4", "a text, one with reserved bits 4, a ping, byte by byte", () => Chopped(1, TextFrame(Command()), Reserved(4, RunningFrame.FinalText, Hello), Ping([])), "reply 2", "close 1002");
        yield return new("3.5", "a binary message with reserved bits 5", () => [Reserved(5, RunningFrame.FinalBinary, Hello)], "close 1002");
        yield return new("3.6", "a ping with reserved bits 6", () => [Reserved(6, RunningFrame.Ping, Hello)], "close 1002");
        yield return new("3.7", "a close with reserved bits 7", () => [Reserved(7, RunningFrame.Close, [])], "close 1002");
    }

    private static IEnumerable<AutobahnCase> Opcodes()
    {
        foreach (var (group, first) in ((int, int)[])[(1, 3), (2, 11)])
        {
            byte[] Frame(int step, byte[] payload) => RunningFrame.Masked((byte)(0x80 | (first + step)), payload);
            yield return new($"4.{group}.1", $"opcode {first}", () => [Frame(0, [])], "close 1002");
            yield return new($"4.{group}.2", $"opcode {first + 1} with payload", () => [Frame(1, Hello)], "close 1002");
            yield return new($"4.{group}.3", $"a text, opcode {first + 2}, a ping", () => Once(TextFrame(Command()), Frame(2, []), Ping([])), "reply 2", "close 1002");
            yield return new($"4.{group}.4", $"a text, opcode {first + 3} with payload, a ping", () => Once(TextFrame(Command()), Frame(3, Hello), Ping([])), "reply 2", "close 1002");
            yield return new($"4.{group}.5", $"a text, opcode {first + 4} with payload, a ping, byte by byte", () => Chopped(1, TextFrame(Command()), Frame(4, Hello), Ping([])), "reply 2", "close 1002");
        }
    }

    private static IEnumerable<AutobahnCase> Fragmentation()
    {
        byte[][] two = [.. Fragments(Command(), 20)];
        byte[][] twoAndPing = [two[0], Ping(Hello), .. two[1..]];
        byte[][] five = [.. Fragments(Command(2, 50), 10)];
        var (final, unfinished) = (RunningFrame.Masked(RunningFrame.FinalContinuation, Hello), RunningFrame.Masked(RunningFrame.Continuation, Hello));
        yield return new("5.1", "a ping in two fragments", () => Once(RunningFrame.Masked(0x09, Hello), final), "close 1002");
        yield return new("5.2", "a pong in two fragments", () => Once(RunningFrame.Masked(0x0A, Hello), final), "close 1002");
        foreach (var (index, (way, chop)) in Ways().Index())
        {
            yield return new($"5.{3 + index}", $"a text in fragments{way}", () => chop(two), "reply 2");
            yield return new($"5.{6 + index}", $"a text in fragments with a ping between{way}", () => chop(twoAndPing), Pong(Hello), "reply 2");
            yield return new($"5.{9 + index}", $"a final continuation of nothing, a text{way}", () => chop([final, TextFrame(Command())]), "close 1002");
            yield return new($"5.{12 + index}", $"a continuation of nothing, a text{way}", () => chop([unfinished, TextFrame(Command())]), "close 1002");
        }

        yield return new("5.15", "a text in fragments, a continuation of nothing, a text", () => Once([.. two, unfinished, TextFrame(Command(3))]), "reply 2", "close 1002");
        yield return new("5.16", "twice a continuation of nothing and a text in fragments", () => Once([unfinished, .. two, unfinished, .. two]), "close 1002");
        yield return new("5.17", "twice a final continuation of nothing and a text in fragments", () => Once([final, .. two, final, .. two]), "close 1002");
        yield return new("5.18", "a text in two fragments that both begin a text", () => Once(two[0], TextFrame(Hello)), "close 1002");
        yield return new("5.19", "a text in five fragments with two pings between, in three writes", () => [.. Once(five[0], five[1], Ping([])), .. Once(five[2], five[3], Ping([])), five[4]], Pong([]), Pong([]), "reply 2");
        yield return new("5.20", "the same, frame by frame", () => [five[0], five[1], Ping([]), five[2], five[3], Ping([]), five[4]], Pong([]), Pong([]), "reply 2");
    }

    private static IEnumerable<(string Name, Func<byte[][], IEnumerable<byte[]>> Chop)> Ways() =>
        [("", frames => Once(frames)), (", frame by frame", frames => frames), (", byte by byte", frames => Chopped(1, frames))];

    private static byte[] Reserved(int bits, byte first, byte[] payload) => RunningFrame.Masked((byte)(first | (bits << 4)), payload);

    private static string Pong(byte[] payload) => $"pong {Convert.ToHexString(payload)}";
}

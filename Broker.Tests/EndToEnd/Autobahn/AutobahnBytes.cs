using System.IO.Compression;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;

namespace ClawEvents.Broker.Tests.EndToEnd.Autobahn;

/// <summary>The bytes of the cases: commands of any length, whole or in fragments, and writes of any size.</summary>
internal static class AutobahnBytes
{
    private const int CompressedBit = 0x40;

    /// <summary>A command with spaces up to a length; it is answered by a reply or an error with its id.</summary>
    public static byte[] Command(int id = 2, int length = 0) => $$$"""{"id":{{{id}}},"subscribe":{"channel":"public.a"}}""".PadRight(length).Utf8();

    /// <summary>A command with a text that is ignored, but has to be valid.</summary>
    public static byte[] CommandWith(ReadOnlySpan<byte> text, int id = 2) => [.. $$$"""{"id":{{{id}}},"subscribe":{"channel":"public.a"},"x":" """.TrimEnd().Utf8(), .. text, .. "\"}"u8];

    /// <summary>A text message in one frame.</summary>
    public static byte[] TextFrame(byte[] payload) => RunningFrame.Masked(RunningFrame.FinalText, payload);

    public static byte[] BinaryFrame(byte[] payload) => RunningFrame.Masked(RunningFrame.FinalBinary, payload);

    public static byte[] Ping(byte[] payload) => RunningFrame.Masked(RunningFrame.Ping, payload);

    /// <summary>The frames of one message; the last one is final.</summary>
    public static IEnumerable<byte[]> Fragments(byte[] payload, int size, byte first = RunningFrame.FirstText)
    {
        for (var start = 0; start < payload.Length; start += size)
        {
            var isLast = start + size >= payload.Length;
            var opcode = start == 0 ? first : RunningFrame.Continuation;
            yield return RunningFrame.Masked((byte)(opcode | (isLast ? 0x80 : 0)), payload.AsSpan(start, Math.Min(size, payload.Length - start)));
        }
    }

    /// <summary>All frames in one write.</summary>
    public static IEnumerable<byte[]> Once(params IEnumerable<byte[]> frames) => [[.. frames.SelectMany(frame => frame)]];

    /// <summary>The bytes of all frames in writes of a size.</summary>
    public static IEnumerable<byte[]> Chopped(int size, params IEnumerable<byte[]> frames) => frames.SelectMany(frame => frame).Chunk(size);

    /// <summary>A compressed message (RFC 7692, section 7.2.1), in one frame or in fragments.</summary>
    public static IEnumerable<byte[]> Compressed(byte[] message, int fragmentBytes)
    {
        const int tailBytes = 4;
        var output = new MemoryStream();
        using var deflate = new DeflateStream(output, CompressionLevel.Fastest);
        deflate.Write(message);
        deflate.Flush();
        return Fragments(output.ToArray()[..^tailBytes], fragmentBytes == 0 ? int.MaxValue / 2 : fragmentBytes, RunningFrame.FirstText | CompressedBit);
    }

    /// <summary>The text of a message that the broker has compressed.</summary>
    public static string Inflated(byte[] payload)
    {
        using var inflate = new DeflateStream(new MemoryStream([.. payload, 0x00, 0x00, 0xFF, 0xFF]), CompressionMode.Decompress);
        using var reader = new StreamReader(inflate);
        return reader.ReadToEnd();
    }
}

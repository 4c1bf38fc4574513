using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace ClawEvents.Broker.Redis.Hearing;

/// <summary>Writes commands: <c>*COUNT CRLF</c>, and for each part <c>$LENGTH CRLF BYTES CRLF</c>.</summary>
internal static class RespWriting
{
    private const int MaxNumberBytes = 20;

    /// <summary>A command of texts, as a whole.</summary>
    public static byte[] Command(params ReadOnlySpan<string> parts)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteCommand(parts.Length);
        foreach (var part in parts)
        {
            output.WritePart(part);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <param name="output">Where to.</param>
    /// <param name="parts">The number of parts that follow, including the command's name.</param>
    public static void WriteCommand(this IBufferWriter<byte> output, int parts) => WriteHead(output, (byte)'*', parts);

    /// <param name="output">Where to.</param>
    /// <param name="part">Any text; it is written in UTF-8.</param>
    public static void WritePart(this IBufferWriter<byte> output, ReadOnlySpan<char> part)
    {
        WriteHead(output, (byte)'$', Encoding.UTF8.GetByteCount(part));
        Encoding.UTF8.GetBytes(part, output);
        output.Write("\r\n"u8);
    }

    private static void WriteHead(IBufferWriter<byte> output, byte kind, long number)
    {
        var head = output.GetSpan(1 + MaxNumberBytes + 2);
        head[0] = kind;
        Utf8Formatter.TryFormat(number, head[1..], out var length);
        "\r\n"u8.CopyTo(head[(1 + length)..]);
        output.Advance(1 + length + 2);
    }
}

using System.Buffers;
using System.Text;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>Text to bytes and back, for tests that write bytes and compare bytes.</summary>
internal static class Utf8Text
{
    public static byte[] Utf8(this string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(this ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    public static string Text(this byte[] utf8) => Encoding.UTF8.GetString(utf8);

    public static string Text(this ArrayBufferWriter<byte> utf8) => Encoding.UTF8.GetString(utf8.WrittenSpan);
}

using System.Buffers.Binary;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>Writes a string in the binary form of SSH (RFC 4251, section 5).</summary>
internal static class SshText
{
    /// <returns>The length in four bytes, then the bytes.</returns>
    public static byte[] Of(ReadOnlySpan<byte> bytes)
    {
        var text = new byte[sizeof(uint) + bytes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(text, (uint)bytes.Length);
        bytes.CopyTo(text.AsSpan(sizeof(uint)));
        return text;
    }
}

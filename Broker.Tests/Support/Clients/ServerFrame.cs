using System.Buffers.Binary;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>One frame as the broker sent it.</summary>
/// <remarks>Parsed strictly: whole, final, unmasked, no reserved bits.</remarks>
internal sealed record ServerFrame(int Opcode, byte[] Payload)
{
    /// <summary>For a text frame its text; for the others their name, a close frame with its code and reason.</summary>
    public override string ToString() => Opcode switch
    {
        0x1 => Payload.Text(),
        0x8 when Payload.Length == 0 => "close",
        0x8 => $"close {CloseCode} {Payload[2..].Text()}".TrimEnd(),
        0x9 => $"ping {Payload.Text()}".TrimEnd(),
        0xA => $"pong {Payload.Text()}".TrimEnd(),
        _ => $"opcode {Opcode}",
    };

    public int CloseCode => BinaryPrimitives.ReadUInt16BigEndian(Payload);

    /// <summary>Parses all frames in <paramref name="bytes"/>, which must end with one.</summary>
    public static List<ServerFrame> ParseAll(ReadOnlySpan<byte> bytes)
    {
        var frames = new List<ServerFrame>();
        while (!bytes.IsEmpty)
        {
            Require((bytes[0] & 0xF0) == 0x80, "FIN and no reserved bit");
            Require((bytes[1] & 0x80) == 0, "no mask");
            var (length, start) = (bytes[1] & 0x7F) switch
            {
                126 => (BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), 4),
                127 => ((int)BinaryPrimitives.ReadInt64BigEndian(bytes[2..]), 10),
                var shortLength => (shortLength, 2),
            };
            frames.Add(new ServerFrame(bytes[0] & 0x0F, bytes.Slice(start, length).ToArray()));
            bytes = bytes[(start + length)..];
        }

        return frames;
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new FormatException($"A server's frame must have {what}.");
        }
    }
}

namespace ClawEvents.Broker.Frames;

/// <summary>The opcodes of RFC 6455, section 5.2.</summary>
internal enum Opcode : byte
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}

/// <summary>The header of one frame of a client.</summary>
/// <param name="Opcode">One of the six that RFC 6455 defines.</param>
/// <param name="IsFinal">The last, or only, frame of a message.</param>
/// <param name="Mask">The four masking bytes as they lie in memory.</param>
/// <param name="HeaderLength">6 to 14 bytes.</param>
/// <param name="PayloadLength">Bytes; within the reader's limit, unless its result was <see cref="FrameStatus.TooBig"/>.</param>
internal readonly record struct FrameHeader(Opcode Opcode, bool IsFinal, uint Mask, int HeaderLength, long PayloadLength)
{
    public bool IsControl => Opcode >= Opcode.Close;

    /// <summary>The message that begins with this frame is compressed (RFC 7692, section 6).</summary>
    public bool IsCompressed { get; init; }
}

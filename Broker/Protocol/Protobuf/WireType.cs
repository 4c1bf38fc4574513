namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>The layout of a value after its tag. 3 and 4 enclose groups, an old form of nested messages, which are always ignored.</summary>
internal enum WireType : byte
{
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
    GroupStart = 3,
    GroupEnd = 4,
    Fixed32 = 5,
}

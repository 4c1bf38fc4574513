namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>How a value is laid out after its tag. Another one (3 and 4 part groups, an old form of nested messages) is only ever passed over.</summary>
internal enum WireType : byte
{
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
    GroupStart = 3,
    GroupEnd = 4,
    Fixed32 = 5,
}

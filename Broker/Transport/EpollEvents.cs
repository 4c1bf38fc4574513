using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ClawEvents.Broker.Transport;

/// <summary>What epoll reports of a descriptor. epoll_ctl(2)</summary>
[Flags]
internal enum Readiness : uint
{
    None = 0,
    Readable = 0x1,
    Writable = 0x4,
    Error = 0x8,
    HangUp = 0x10,

    /// <summary>The far end writes no more.</summary>
    ReadHangUp = 0x2000,

    /// <summary>Wakes one of the reactors that wait for the same descriptor.</summary>
    Exclusive = 1u << 28,

    /// <summary>Reports changes, not states: what is not read or written until the system would block is not reported again.</summary>
    EdgeTriggered = 1u << 31,
}

/// <summary>Reads and writes <c>struct epoll_event</c>, which is packed on x64 and not on arm64.</summary>
internal static unsafe class EpollEvents
{
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8;

    /// <summary>Bytes of one event.</summary>
    public static int Size { get; } = DataOffset + sizeof(ulong);

    public static void Write(byte* at, Readiness readiness, ulong data)
    {
        Unsafe.WriteUnaligned(at, (uint)readiness);
        Unsafe.WriteUnaligned(at + DataOffset, data);
    }

    public static Readiness ReadinessAt(byte* at) => (Readiness)Unsafe.ReadUnaligned<uint>(at);

    public static ulong DataAt(byte* at) => Unsafe.ReadUnaligned<ulong>(at + DataOffset);
}

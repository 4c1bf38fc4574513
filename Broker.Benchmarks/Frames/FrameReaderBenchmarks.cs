using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Frames;

namespace ClawEvents.Broker.Benchmarks.Frames;

/// <summary>Reading the header of a client's frame, and unmasking its payload in place.</summary>
[MemoryDiagnoser]
public class FrameReaderBenchmarks
{
    private byte[] _frame = null!;

    [Params(2, 100, 16_000)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void MakeFrame()
    {
        byte[] length = PayloadBytes < 126 ? [(byte)(0x80 | PayloadBytes)] : [0x80 | 126, (byte)(PayloadBytes >> 8), (byte)PayloadBytes];
        _frame = [0x81, .. length, 1, 2, 3, 4, .. new byte[PayloadBytes]];
    }

    [Benchmark]
    public bool ReadAndUnmask()
    {
        var status = FrameReader.TryRead(_frame, 64 * 1024, out var header);
        FrameMask.Unmask(_frame.AsSpan(header.HeaderLength), header.Mask);
        return status is FrameStatus.Header;
    }
}

using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Benchmarks.Frames;

/// <summary>Encoding and framing one publication, which happens once for all its subscribers.</summary>
[MemoryDiagnoser]
public class FrameWriterBenchmarks
{
    private readonly ChannelName _channel = BenchmarkChannels.Townsquare;
    private byte[] _data = null!;

    [Params(100, 1_000, 16_000)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void MakePayload()
    {
        _data = new byte[PayloadBytes];
        _data.AsSpan().Fill((byte)'x');
        _data[0] = _data[^1] = (byte)'"';
    }

    [Benchmark]
    public int WritePublication()
    {
        var frame = FrameWriter.Begin();
        MessageCodec.Json.TryWritePublicationPush(frame, _channel, new() { Publication = new(_data), IsChecked = true });
        return frame.Complete(Opcode.Text).Length;
    }
}

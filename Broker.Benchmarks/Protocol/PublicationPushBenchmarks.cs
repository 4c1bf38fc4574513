using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Benchmarks.Protocol;

/// <summary>Writing the push of one publication, which happens once for all subscribers that speak one encoding.</summary>
[MemoryDiagnoser]
public class PublicationPushBenchmarks
{
    private static readonly ClientInfo Publisher = new("alice", Guid.NewGuid());

    private readonly ArrayBufferWriter<byte> _output = new(1 << 17);
    private readonly ChannelName _channel = BenchmarkChannels.Townsquare;
    private byte[] _data = [];
    private MessageCodec _codec = MessageCodec.Json;

    [Params("json", "protobuf")]
    public string Encoding { get; set; } = "";

    [Params(100, 10_000)]
    public int Length { get; set; }

    [GlobalSetup]
    public void MakePayload()
    {
        _codec = Encoding == "json" ? MessageCodec.Json : MessageCodec.Protobuf;
        var text = new StringBuilder("{\"n\":1");
        for (var i = 0; text.Length < Length - 1; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $",\"field{i}\":\"value\"");
        }

        _data = System.Text.Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }

    /// <summary>From the server API: nothing but data that was checked at the door.</summary>
    [Benchmark(Baseline = true)]
    public bool Plain() => Write(new() { Publication = new(_data), IsChecked = true });

    /// <summary>From a client, into a channel with history.</summary>
    [Benchmark]
    public bool WithInfoAndOffset() => Write(new() { Publication = new(_data, Publisher), IsChecked = true, Offset = 300 });

    /// <summary>From another node or a Protobuf client: nobody knows yet whether it is JSON.</summary>
    [Benchmark]
    public bool Unchecked() => Write(new() { Publication = new(_data) });

    /// <summary>For a subscriber with deltas, to whom JSON goes as a string.</summary>
    [Benchmark]
    public bool AsText() => Write(new() { Publication = new(_data), IsChecked = true, Form = PublicationForm.Whole });

    private bool Write(in WirePublication publication)
    {
        _output.ResetWrittenCount();
        return _codec.TryWritePublicationPush(_output, _channel, publication);
    }
}

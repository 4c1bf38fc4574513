using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Benchmarks.Protocol;

/// <summary>Reading one command, as it comes in from a client.</summary>
[MemoryDiagnoser]
public class CommandReaderBenchmarks
{
    private const string Payload = "{\"text\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\",\"n\":1}";
    private const string Channel = "public.townsquare";

    private byte[] _pong = [];
    private byte[] _subscribe = [];
    private byte[] _publish = [];
    private MessageCodec _codec = MessageCodec.Json;

    [Params("json", "protobuf")]
    public string Encoding { get; set; } = "";

    [GlobalSetup]
    public void MakeCommands()
    {
        if (Encoding == "json")
        {
            _pong = Utf8("{}");
            _subscribe = Utf8($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{Channel}\",\"flag\":1}}}}");
            _publish = Utf8($"{{\"id\":3,\"publish\":{{\"channel\":\"{Channel}\",\"data\":{Payload}}}}}");
            return;
        }

        _codec = MessageCodec.Protobuf;
        _pong = [0];
        _subscribe = WithLength([0x08, 2, 0x2A, .. WithLength([0x0A, .. WithLength(Utf8(Channel)), 0x70, 1])]);
        _publish = WithLength([0x08, 3, 0x3A, .. WithLength([0x0A, .. WithLength(Utf8(Channel)), 0x12, .. WithLength(Utf8(Payload))])]);
    }

    [Benchmark]
    public bool ReadPong() => Read(_pong);

    [Benchmark]
    public bool ReadSubscribe() => Read(_subscribe);

    [Benchmark]
    public bool ReadPublish() => Read(_publish);

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    // The length takes one byte as long as it can, as in every writer.
    private static byte[] WithLength(byte[] bytes) =>
        bytes.Length < 0x80 ? [(byte)bytes.Length, .. bytes] : [(byte)(bytes.Length | 0x80), (byte)(bytes.Length >> 7), .. bytes];

    private bool Read(byte[] message)
    {
        ReadOnlyMemory<byte> rest = message;
        return _codec.TryReadCommand(ref rest, out _);
    }
}

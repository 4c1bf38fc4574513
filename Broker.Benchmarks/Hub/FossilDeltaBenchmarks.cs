using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Benchmarks.Hub;

/// <summary>The cost of making a delta, once per publication: one value changed, three at different places, and nothing in common.</summary>
[MemoryDiagnoser]
public class FossilDeltaBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(1 << 17);
    private byte[] _source = [];
    private byte[] _one = [];
    private byte[] _three = [];
    private byte[] _other = [];

    [Params(200, 2_000, 64_000)]
    public int Length { get; set; }

    [GlobalSetup]
    public void MakePayloads()
    {
        var text = new StringBuilder("{");
        for (var i = 0; text.Length < Length; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\"field{i}\":{i * 7919 % 1000},");
        }

        text.Append("\"last\":0}");
        _source = Encoding.UTF8.GetBytes(text.ToString());
        _one = Changed(_source.Length / 2);
        _three = Changed(_source.Length / 4, _source.Length / 2, _source.Length * 3 / 4);
        _other = [.. _source.Select((_, i) => (byte)('a' + (i * 31 % 23)))];
    }

    [Benchmark]
    public bool OneValue() => Create(_one);

    [Benchmark]
    public bool ThreeValues() => Create(_three);

    [Benchmark]
    public bool NothingInCommon() => Create(_other);

    private bool Create(byte[] target)
    {
        _output.ResetWrittenCount();
        return FossilDelta.TryCreate(_source, target, _output, wholeCharacters: true);
    }

    private byte[] Changed(params int[] places)
    {
        byte[] target = [.. _source];
        foreach (var place in places)
        {
            target[place] = (byte)'#';
        }

        return target;
    }
}

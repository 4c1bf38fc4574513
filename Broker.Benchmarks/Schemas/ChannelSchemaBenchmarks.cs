using System.Text;
using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Schemas;

namespace ClawEvents.Broker.Benchmarks.Schemas;

/// <summary>A payload with five fields and its schema; and what a schema made to be expensive costs until it is refused.</summary>
[MemoryDiagnoser]
public class ChannelSchemaBenchmarks
{
    private static readonly byte[] Schema = """
        {"type":"object","properties":{"symbol":{"type":"string","minLength":1,"maxLength":12},"price":{"type":"number","minimum":0},
        "volume":{"type":"integer","minimum":0},"side":{"enum":["buy","sell"]},"open":{"type":"boolean"}},"required":["symbol","price"]}
        """u8.ToArray();

    private static readonly byte[] Payload = """{"symbol":"ACME","price":12.5,"volume":100,"side":"buy","open":true}"""u8.ToArray();
    private static readonly byte[] WrongPayload = """{"symbol":"","price":-1,"volume":1.5,"side":"hold","open":1}"""u8.ToArray();
    private static readonly byte[] LongText = Encoding.UTF8.GetBytes($"\"{new string('a', 16_382)}\"");

    private readonly ChannelSchema _schema = ChannelSchema.Compile(Schema);
    private readonly ChannelSchema _pattern = ChannelSchema.Compile("""{"pattern":"^[A-Za-z]+$"}"""u8.ToArray());
    private readonly ChannelSchema _hostilePattern = ChannelSchema.Compile("""{"pattern":"(a|b)*a(a|b){400}x"}"""u8.ToArray());
    private readonly ChannelSchema _hostileComparison = ChannelSchema.Compile(
        Encoding.UTF8.GetBytes($$"""{"allOf":[{{string.Join(',', Enumerable.Repeat("""{"not":{"const":1}}""", 1_000))}}]}"""));

    [Benchmark]
    public object Compile() => ChannelSchema.Compile(Schema);

    [Benchmark]
    public int Validate() => _schema.Validate(Payload).Count;

    [Benchmark]
    public int RefuseWithFiveErrors() => _schema.Validate(WrongPayload).Count;

    [Benchmark]
    public int MatchPatternOver16KiB() => _pattern.Validate(LongText).Count;

    [Benchmark]
    public int GiveUpOnExpensivePattern() => _hostilePattern.Validate(LongText).Count;

    [Benchmark]
    public int GiveUpOnExpensiveComparison() => _hostileComparison.Validate(LongText).Count;
}

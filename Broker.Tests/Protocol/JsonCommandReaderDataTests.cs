using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Protocol.Json;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>The payload of a command: any JSON, kept byte for byte.</summary>
internal sealed class JsonCommandReaderDataTests
{
    [TestCase("null")]
    [TestCase("0")]
    [TestCase("-0.0")]
    [TestCase("1.50e+3")]
    [TestCase("12345678901234567890")]
    [TestCase("true")]
    [TestCase("false")]
    [TestCase("\"\"")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("[ 1,2 , 3 ]")]
    [TestCase("{ \"b\" : 1 ,\t\"a\":\r\n[ null ] }")]
    [TestCase("{\"b\":1,\"a\":2,\"b\":3}")]
    [TestCase("\"\\u00e9 é \\/ \\ud83d\\ude00 😀 \\u0000\"")]
    [TestCase("\"\\ud800\"")]
    [TestCase("{\"data\":{\"channel\":\"x\"}}")]
    public void Data_is_kept_as_it_was_written(string data)
    {
        JsonCommandReader.TryRead($"{{\"id\":1,\"publish\":{{\"channel\":\"a\",\"data\":  {data}  }}}}".Utf8(), out var last);
        JsonCommandReader.TryRead($"{{\"id\":1,\"publish\":{{\"data\":{data},\"channel\":\"a\"}}}}".Utf8(), out var first);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(last.Publish.Data?.Text(), Is.EqualTo(data));
            Assert.That(first.Publish.Data?.Text(), Is.EqualTo(data));
            Assert.That(first.Publish.Channel.Text(), Is.EqualTo("a"));
        }
    }

    [Test]
    public void Null_data_differs_from_missing_data()
    {
        JsonCommandReader.TryRead("{\"id\":1,\"publish\":{\"channel\":\"a\",\"data\":null}}".Utf8(), out var isNull);
        JsonCommandReader.TryRead("{\"id\":1,\"publish\":{\"channel\":\"a\"}}".Utf8(), out var isMissing);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(isNull.Publish.Data?.Text(), Is.EqualTo("null"));
            Assert.That(isMissing.Kind, Is.EqualTo(CommandKind.Publish));
            Assert.That(isMissing.Publish.Data, Is.Null);
        }
    }

    [Test]
    public void Data_and_strings_without_escapes_are_slices_of_the_message()
    {
        var json = "{\"id\":1,\"publish\":{\"channel\":\"abc\",\"data\":[1]}}".Utf8();
        JsonCommandReader.TryRead(json, out var command);

        json.AsSpan().Replace((byte)'b', (byte)'X');
        json.AsSpan().Replace((byte)'[', (byte)'(');

        using (Assert.EnterMultipleScope())
        {
            Assert.That(command.Publish.Channel.Text(), Is.EqualTo("aXc"));
            Assert.That(command.Publish.Data!.Value.Text(), Is.EqualTo("(1]"));
        }
    }

    // The command and its request are two levels of the limit.
    [TestCase(ProtocolLimits.MaxJsonDepth - 2, true)]
    [TestCase(ProtocolLimits.MaxJsonDepth - 1, false)]
    [TestCase(10_000, false)]
    public void Nesting_is_limited(int depth, bool expected)
    {
        var arrays = new string('[', depth) + new string(']', depth);
        var objects = string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(JsonCommandReader.TryRead($"{{\"id\":1,\"publish\":{{\"data\":{arrays}}}}}".Utf8(), out _), Is.EqualTo(expected));
            Assert.That(JsonCommandReader.TryRead($"{{\"id\":1,\"publish\":{{\"data\":{objects}}}}}".Utf8(), out _), Is.EqualTo(expected));
            Assert.That(JsonCommandReader.TryRead($"{{\"id\":1,\"rpc\":{{\"unknown\":{arrays}}}}}".Utf8(), out _), Is.EqualTo(expected));
        }
    }
}

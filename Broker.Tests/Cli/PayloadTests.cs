using System.Text;
using ClawEvents.Cli.Commands;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PayloadTests
{
    [TestCase("", "null")]
    [TestCase("42", "42")]
    [TestCase("1.0e5", "1.0e5")]
    [TestCase("12345678901234567890", "12345678901234567890")]
    [TestCase("hello world", "\"hello world\"")]
    [TestCase("true story", "\"true story\"")]
    [TestCase("""{"a": [1]}""", """{"a": [1]}""")]
    [TestCase("""{"a": [1]""", "\"{\\\"a\\\": [1]\"")]
    [TestCase(" ", "\" \"")]
    public void Words_are_json_if_they_parse_and_otherwise_text(string words, string payload)
    {
        Assert.That(Payload.FromWords(words.Split(' ')).GetRawText(), Is.EqualTo(payload));
    }

    [TestCase("", "null")]
    [TestCase("text\n", "\"text\"")]
    [TestCase("text\r\n", "\"text\"")]
    [TestCase("two\nlines\n\n", "\"two\\nlines\\n\"")]
    [TestCase("{\"a\":1}\n", "{\"a\":1}")]
    [TestCase("7\n", "7")]
    public void Input_loses_one_line_end(string input, string payload)
    {
        Assert.That(Payload.FromInput(Encoding.UTF8.GetBytes(input)).GetRawText(), Is.EqualTo(payload));
    }

    [Test]
    public void Deep_json_stays_json()
    {
        var deep = new string('[', 500) + new string(']', 500);

        Assert.That(Payload.FromWords([deep]).GetRawText(), Is.EqualTo(deep));
    }
}

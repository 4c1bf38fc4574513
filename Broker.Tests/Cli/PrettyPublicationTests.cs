using System.Buffers;
using System.Text;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PrettyPublicationTests
{
    private const long ReceivedAt = 1_700_000_000_123;

    [TestCase(
        """{"_claw":{"sender":"alice","timestamp":1700000000000},"payload":"Hello,\nall\u001b[2J"}""",
        "22:13:20  c  alice\n  Hello,\n  all\uFFFD[2J\n",
        TestName = "Text_is_shown_as_text_without_control_characters")]
    [TestCase(
        """{"_claw":{"sender":"alice","timestamp":1700000000000},"payload":{"n":1.50,"list":[1]}}""",
        "22:13:20  c  alice\n  {\n    \"n\": 1.50,\n    \"list\": [\n      1\n    ]\n  }\n",
        TestName = "Json_is_indented_and_numbers_keep_their_spelling")]
    [TestCase("5", "22:13:20  c  unknown\n  5\n", TestName = "Data_without_an_envelope_is_from_unknown_and_now")]
    [TestCase(
        """{"_claw":{"sender":"\ud800","timestamp":99999999999999999999},"payload":"\ud800"}""",
        "99999999999999999999  c  \"\\ud800\"\n  \"\\ud800\"\n",
        TestName = "An_impossible_time_or_text_is_shown_as_it_is_spelled")]
    public void A_publication_is_shown_to_people(string data, string text)
    {
        Assert.That(TextOf(data, new TextStyle(colours: false, 80)), Is.EqualTo(text));
    }

    [Test]
    public void A_terminal_gets_colours()
    {
        Assert.That(TextOf("5", new TextStyle(colours: true, 80)), Is.EqualTo("22:13:20  \e[34mc\e[0m  \e[1munknown\e[0m\n  5\n"));
    }

    private static string TextOf(string data, TextStyle style)
    {
        var message = ServerMessageReader.Read(Encoding.UTF8.GetBytes("""{"push":{"channel":"c","pub":{"data":""" + data + "}}}"));
        var output = new ArrayBufferWriter<byte>();
        new PrettyPublication(style, TimeZoneInfo.Utc).Write(message.Publication, ReceivedAt, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

using System.Buffers;
using System.Text;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PublicationLineTests
{
    private const long ReceivedAt = 1_700_000_000_123;

    [TestCase(
        """{"_claw":{"sender":"alice","timestamp":17},"payload":{"a":1}}""",
        """{"channel":"c","sender":"alice","payload":{"a":1},"timestamp":17}""",
        TestName = "The_envelope_gives_sender_payload_and_time")]
    [TestCase(
        """{"payload":"x","_claw":{"timestamp":17,"other":[1],"sender":"alice"}}""",
        """{"channel":"c","sender":"alice","payload":"x","timestamp":17}""",
        TestName = "Members_may_come_in_any_order")]
    [TestCase(
        """{"_claw":{"sender":"alice","timestamp":17},"payload":null}""",
        """{"channel":"c","sender":"alice","payload":null,"timestamp":17}""",
        TestName = "A_null_payload_stays_null")]
    [TestCase(
        """{"event":"second","payload":5}""",
        """{"channel":"c","sender":"unknown","payload":{"event":"second","payload":5},"timestamp":1700000000123}""",
        TestName = "Without_an_envelope_the_whole_object_is_the_payload")]
    [TestCase(
        """[1,2]""",
        """{"channel":"c","sender":"unknown","payload":[1,2],"timestamp":1700000000123}""",
        TestName = "Data_that_is_not_an_object_is_the_payload")]
    [TestCase(
        """{"_claw":{},"payload":1}""",
        """{"channel":"c","sender":"unknown","payload":1,"timestamp":1700000000123}""",
        TestName = "An_envelope_without_origin_counts_as_unknown_and_now")]
    [TestCase(
        """{"_claw":{"sender":5,"timestamp":"x"},"payload":1}""",
        """{"channel":"c","sender":"unknown","payload":1,"timestamp":1700000000123}""",
        TestName = "An_origin_of_the_wrong_types_is_ignored")]
    [TestCase(
        """{"_claw":{"sender":"\u00e4\"","timestamp":17},"payload":  {"n":1.0e5, "big":12345678901234567890}}""",
        """{"channel":"c","sender":"\u00e4\"","payload":{"n":1.0e5, "big":12345678901234567890},"timestamp":17}""",
        TestName = "Raw_bytes_are_copied_with_their_spelling")]
    public void Data_becomes_a_line(string data, string line)
    {
        Assert.That(LineOf("""{"push":{"channel":"c","pub":{"offset":3,"data":""" + data + "}}}"), Is.EqualTo(line));
    }

    [Test]
    public void A_publication_without_data_has_a_null_payload()
    {
        var line = LineOf("""{"push":{"channel":"c","pub":{}}}""");

        Assert.That(line, Is.EqualTo("""{"channel":"c","sender":"unknown","payload":null,"timestamp":1700000000123}"""));
    }

    private static string LineOf(string push)
    {
        var message = ServerMessageReader.Read(Encoding.UTF8.GetBytes(push));
        var output = new ArrayBufferWriter<byte>();
        PublicationLine.Write(message.Publication, ReceivedAt, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

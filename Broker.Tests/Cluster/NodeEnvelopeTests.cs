using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Cluster;

internal sealed class NodeEnvelopeTests
{
    private static readonly ClientInfo Alice = new("alice", Guid.NewGuid(), "{\"a\":1}"u8.ToArray(), "[2]"u8.ToArray());

    private static IEnumerable<TestCaseData> Messages()
    {
        yield return new TestCaseData(Publication("{}")).SetArgDisplayNames("publication");
        yield return new TestCaseData(Publication("{}", isFull: true)).SetArgDisplayNames("publication with publisher and tags");
        yield return new TestCaseData(Kept(7, "AbCdEfGh", "{}")).SetArgDisplayNames("kept");
        yield return new TestCaseData(Kept(7, "AbCdEfGh", "{}", previous: "[]")).SetArgDisplayNames("kept, with the one before");
        yield return new TestCaseData(Changed("{}")).SetArgDisplayNames("change of a map");
        yield return new TestCaseData(ChangedWithPrevious("{}", "[]")).SetArgDisplayNames("change of a map, with the value before");
        yield return new TestCaseData(Cleared(0, "AbCdEfGh")).SetArgDisplayNames("cleared");
        yield return new TestCaseData(Client(EnvelopeKind.Join)).SetArgDisplayNames("join");
        yield return new TestCaseData(Client(EnvelopeKind.Leave)).SetArgDisplayNames("leave");
    }

    [Test]
    public void A_publication_is_read_as_it_was_written()
    {
        var fault = NodeEnvelope.Read(Publication("{\"x\":\"é\"}", isFull: true), "", out var envelope);

        var (delivered, publication) = (envelope.Publication, envelope.Publication.Publication);
        Assert.That((fault, envelope.Kind), Is.EqualTo((EnvelopeFault.None, EnvelopeKind.Publication)));
        Assert.That((publication.Data.Text(), delivered.Position.Offset, delivered.Previous.Length), Is.EqualTo(("{\"x\":\"é\"}", 0UL, 0)));
        Assert.That((publication.Publisher!.User, publication.Publisher.Client), Is.EqualTo((Alice.User, Alice.Client)));
        Assert.That((publication.Publisher.ConnectionInfo.Text(), publication.Publisher.ChannelInfo.Text()), Is.EqualTo(("{\"a\":1}", "[2]")));
        Assert.That(publication.Tags, Is.EqualTo(new Dictionary<string, string> { ["k"] = "v", [""] = "ö" }));
    }

    [Test]
    public void A_publication_with_history_has_a_position_and_may_have_its_predecessor()
    {
        NodeEnvelope.Read(Kept(ulong.MaxValue, "AbCdEfGh", "{}", previous: "[]"), "", out var envelope);

        Assert.That(envelope.Publication.Position, Is.EqualTo(new StreamPosition(ulong.MaxValue, "AbCdEfGh")));
        Assert.That((envelope.Publication.Publication.Data.Text(), envelope.Publication.Previous.Text()), Is.EqualTo(("{}", "[]")));
    }

    [Test]
    public void A_change_of_a_map_has_its_key()
    {
        NodeEnvelope.Read(ChangedWithPrevious("{}", "[]"), "", out var envelope);

        var change = envelope.Publication.Change!;
        Assert.That((change.Key, change.Removed, change.Score, change.Time, change.Offset), Is.EqualTo(("ключ", true, -7L, 1234L, 0UL)));
        Assert.That((change.Publication.Data.Text(), envelope.Publication.Previous.Text(), envelope.Publication.Position.Epoch), Is.EqualTo(("{}", "[]", "")));
        Assert.That(NodeEnvelope.Read(Publication("{}"), "", out var other) is EnvelopeFault.None && other.Publication.Change is null, Is.True);
    }

    [Test]
    public void A_map_that_was_cleared_has_its_new_position()
    {
        NodeEnvelope.Read(Cleared(0, "AbCdEfGh"), "", out var envelope);

        Assert.That((envelope.Kind, envelope.Publication.Position), Is.EqualTo((EnvelopeKind.Cleared, new StreamPosition(0, "AbCdEfGh"))));
    }

    [Test]
    public void A_known_epoch_is_reused()
    {
        var known = new string("AbCdEfGh");

        NodeEnvelope.Read(Kept(7, "AbCdEfGh", "{}"), known, out var envelope);

        Assert.That(envelope.Publication.Position.Epoch, Is.SameAs(known));
    }

    [TestCaseSource(nameof(Messages))]
    public void A_truncated_or_too_long_message_is_malformed(byte[] message)
    {
        for (var length = 4; length < message.Length; length++)
        {
            Assert.That(NodeEnvelope.Read(message.AsMemory(..length), "", out _), Is.EqualTo(EnvelopeFault.Malformed), $"{length} bytes");
        }

        Assert.That(NodeEnvelope.Read(message, "", out _), Is.EqualTo(EnvelopeFault.None));
        Assert.That(NodeEnvelope.Read((byte[])[.. message, 0], "", out _), Is.EqualTo(EnvelopeFault.Malformed));
    }

    [TestCaseSource(nameof(Messages))]
    public void A_changed_message_never_throws(byte[] message)
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var changed = (byte[])message.Clone();
            for (var change = random.Next(3); change >= 0; change--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            Assert.That(() => NodeEnvelope.Read(changed, "", out _), Throws.Nothing);
        }
    }

    [TestCase("")]
    [TestCase("C1")]
    [TestCase("C1A701")]
    [TestCase("7B7D7B7D")]
    [TestCase("A7C10101")]
    public void A_message_with_another_beginning_is_foreign(string hex) =>
        Assert.That(NodeEnvelope.Read(Convert.FromHexString(hex), "", out _), Is.EqualTo(EnvelopeFault.Foreign));

    [TestCase(0)]
    [TestCase(2)]
    public void A_message_of_another_version_is_recognized(byte version)
    {
        var message = Publication("{}");
        message[2] = version;

        Assert.That(NodeEnvelope.Read(message, "", out _), Is.EqualTo(EnvelopeFault.OtherVersion));
    }

    [TestCase("C1A70100", Description = "no such kind")]
    [TestCase("C1A701FF", Description = "no such kind")]
    [TestCase("C1A701010200000000", Description = "another version of the body")]
    [TestCase("C1A7010101040000000000", Description = "an unknown flag")]
    [TestCase("C1A70101010200FFFFFF00000000", Description = "more tags than bytes")]
    [TestCase("C1A7010101000000000100FF", Description = "a byte too many")]
    [TestCase("C1A70102000000000000000001410100000000007B", Description = "offset 0")]
    [TestCase("C1A7010200000000000000010001000000000", Description = "no epoch")]
    public void Impossible_fields_are_malformed(string hex) =>
        Assert.That(NodeEnvelope.Read(Convert.FromHexString(hex.Length % 2 == 0 ? hex : hex + "0"), "", out _), Is.EqualTo(EnvelopeFault.Malformed));

    [Test]
    public void A_user_that_is_not_UTF8_is_malformed()
    {
        var message = Client(EnvelopeKind.Join);
        message[8] = 0xFF;

        Assert.That(NodeEnvelope.Read(message, "", out _), Is.EqualTo(EnvelopeFault.Malformed));
    }

    private static byte[] Publication(string data, bool isFull = false)
    {
        var message = new ArrayBufferWriter<byte>();
        NodeEnvelope.WriteHeader(message, EnvelopeKind.Publication);
        message.Write(Body(data, isFull));
        return message.WrittenSpan.ToArray();
    }

    // As the script in Redis does it.
    private static byte[] Kept(ulong offset, string epoch, string data, string? previous = null)
    {
        var message = new ArrayBufferWriter<byte>();
        NodeEnvelope.WriteHeader(message, previous is null ? EnvelopeKind.Kept : EnvelopeKind.KeptWithPrevious);
        message.WriteUInt64(offset);
        message.WriteByte((byte)epoch.Length);
        message.Write(epoch.Utf8());
        if (previous is not null)
        {
            message.WriteBytes(Body(previous));
        }

        message.Write(Body(data));
        return message.WrittenSpan.ToArray();
    }

    private static byte[] Client(EnvelopeKind kind)
    {
        var message = new ArrayBufferWriter<byte>();
        NodeEnvelope.WriteHeader(message, kind);
        PublicationBody.WriteClient(message, Alice);
        return message.WrittenSpan.ToArray();
    }

    private static byte[] Body(string data, bool isFull = false)
    {
        var body = new ArrayBufferWriter<byte>();
        PublicationBody.Write(body, new(
            data.Utf8(),
            isFull ? Alice : null,
            isFull ? new Dictionary<string, string> { ["k"] = "v", [""] = "ö" } : null));
        return body.WrittenSpan.ToArray();
    }

    private static byte[] Changed(string data)
    {
        var message = new ArrayBufferWriter<byte>();
        NodeEnvelope.WriteHeader(message, EnvelopeKind.Publication);
        WriteChange(message, data);
        return message.WrittenSpan.ToArray();
    }

    private static byte[] ChangedWithPrevious(string data, string previous)
    {
        var (message, before) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        WriteChange(before, previous);
        NodeEnvelope.WriteHeader(message, EnvelopeKind.PublicationWithPrevious);
        message.WriteBytes(before.WrittenSpan);
        WriteChange(message, data);
        return message.WrittenSpan.ToArray();
    }

    private static byte[] Cleared(ulong offset, string epoch)
    {
        var message = new ArrayBufferWriter<byte>();
        NodeEnvelope.WriteHeader(message, EnvelopeKind.Cleared);
        message.WriteUInt64(offset);
        message.WriteByte((byte)epoch.Length);
        message.Write(epoch.Utf8());
        return message.WrittenSpan.ToArray();
    }

    private static void WriteChange(ArrayBufferWriter<byte> output, string data) =>
        PublicationBody.Write(output, new(data.Utf8(), Alice, new Dictionary<string, string> { ["k"] = "v" }), key: new("ключ", Removed: true, Score: -7, Time: 1234));
}

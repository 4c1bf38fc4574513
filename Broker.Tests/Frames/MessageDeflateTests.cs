using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Frames;

[Checklist(15)]
internal sealed class MessageDeflateTests
{
    private static readonly string Text = string.Concat(Enumerable.Range(0, 500).Select(number => $"{{\"n\":{number}}}"));

    [Test]
    public void A_message_is_the_same_after_compression_and_inflation()
    {
        Assert.That(MessageDeflate.TryCompress(Text.Utf8(), new(0), out var compressed), Is.True);
        Assert.That(compressed.Length, Is.LessThan(Text.Length / 2));
        Assert.That(Inflate(compressed, Text.Length, out var message), Is.EqualTo(InflateStatus.Done));
        Assert.That(message, Is.EqualTo(Text));
    }

    [TestCase(2)]
    [TestCase(6)]
    [TestCase(9)]
    public void A_higher_level_makes_a_message_shorter_and_is_read_by_the_same_client(int level)
    {
        Assert.That(MessageDeflate.TryCompress(Text.Utf8(), new(0), out var fastest), Is.True);
        var length = fastest.Length;

        Assert.That(MessageDeflate.TryCompress(Text.Utf8(), new(0, level), out var compressed), Is.True);
        Assert.That(compressed.Length, Is.LessThan(length));
        Assert.That(Inflate(compressed, Text.Length, out var message), Is.EqualTo(InflateStatus.Done));
        Assert.That(message, Is.EqualTo(Text));
    }

    // RFC 7692, section 7.2.3.
    [TestCase("F248CDC9C90700", "Hello")]
    [TestCase("F240CDC9C90700", null)]
    [TestCase("000500FAFF48656C6C6F00", "Hello")]
    [TestCase("F348CDC9C9070000", "Hello")]
    [TestCase("F24805000000FFFFCAC9C90700", "Hello")]
    public void The_RFCs_examples_are_read(string hex, string? text)
    {
        var status = Inflate(Convert.FromHexString(hex), 100, out var message);

        Assert.That(text is null || (status is InflateStatus.Done && message == text), Is.True, $"{status}: {message}");
    }

    [Test]
    public void A_message_at_its_limit_is_read_and_one_byte_more_is_refused()
    {
        Assert.That(MessageDeflate.TryCompress(new byte[1_000_000], new(0), out var compressed), Is.True);
        var bomb = compressed.ToArray();

        Assert.That(Inflate(bomb, 1_000_000, out _), Is.EqualTo(InflateStatus.Done));
        Assert.That(Inflate(bomb, 999_999, out _), Is.EqualTo(InflateStatus.TooBig));
        Assert.That(Inflate(bomb, 10, out _), Is.EqualTo(InflateStatus.TooBig));
    }

    [TestCase(10, 64_000)]
    [TestCase(640, 64_000)]
    [TestCase(1_000, 100_000)]
    [TestCase(6_400, 640_000)]
    [TestCase(64_000, 640_000)]
    public void The_limit_of_an_inflated_message_grows_with_what_was_received(int compressedBytes, int limit) =>
        Assert.That(MessageDeflate.MaxInflatedBytes(compressedBytes, 64_000), Is.EqualTo(limit));

    [Test]
    public void Invalid_deflate_data_is_malformed_or_short_and_never_an_exception()
    {
        var random = new Random(7);
        var statuses = new HashSet<InflateStatus>();
        for (var round = 0; round < 5_000; round++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            statuses.Add(Inflate(bytes, 1000, out _));
        }

        Assert.That(statuses, Does.Contain(InflateStatus.Malformed));
    }

    [TestCase(63, 0)]
    [TestCase(999, 1_000)]
    public void Short_messages_are_not_compressed(int length, int from) =>
        Assert.That(MessageDeflate.TryCompress(new byte[length], new(from), out _), Is.False);

    [Test]
    public void Messages_that_would_not_become_shorter_are_not_compressed()
    {
        var noise = new byte[1_000];
        new Random(7).NextBytes(noise);

        Assert.That(MessageDeflate.TryCompress(noise, new(0), out _), Is.False);
    }

    private static InflateStatus Inflate(ReadOnlySpan<byte> compressed, int maxBytes, out string? text)
    {
        var status = MessageDeflate.TryInflate(compressed, maxBytes, out var message);
        text = message?.Bytes.Span.ToArray().Text();
        message?.Dispose();
        return status;
    }
}

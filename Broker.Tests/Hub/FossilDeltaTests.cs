using System.Buffers;
using System.Text;
using System.Text.Unicode;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;

namespace ClawEvents.Broker.Tests.Hub;

internal sealed class FossilDeltaTests
{
    private const int Seed = 20_260_102;

    // Of one to four bytes, some with bytes in common: é and è differ in the second, 語 and 誟 in the last two.
    private static readonly string[] Characters = ["a", "b", "\"", "é", "è", "ê", "語", "誟", "😀", "😁"];

    [TestCase("", "", ExpectedResult = 0u)]
    [TestCase("a", "", ExpectedResult = 0x61000000u)]
    [TestCase("abcd", "", ExpectedResult = 0x61626364u)]
    [TestCase("abcd", "e", ExpectedResult = 0x61626364u + 0x65000000u)]
    [TestCase("~~~~", "~~~~", ExpectedResult = unchecked(0x7E7E7E7Eu * 2))]
    public uint A_checksum_is_the_sum_of_the_words(string begin, string end) => FossilDelta.Checksum((begin + end).Utf8());

    [Test]
    [Checklist(118)]
    public void A_patch_is_what_the_format_says()
    {
        const string source = "{\"temperature\":20,\"humidity\":45,\"name\":\"kitchen\"}";
        const string target = "{\"temperature\":21,\"humidity\":45,\"name\":\"kitchen\"}";

        Assert.That(source, Has.Length.EqualTo(49));
        Assert.That(Create(source.Utf8(), target.Utf8())!.Text(), Does.Match("^m\nG@0,1:1W@H,[0-9A-Z_a-z~]{6};$"));
    }

    [Test]
    public void The_same_again_is_one_copy()
    {
        var text = new string('x', 64).Utf8();

        Assert.That(Create(text, text)!.Text(), Does.Match("^10\n10@0,[0-9A-Z_a-z~]+;$"));
    }

    [TestCase("", "something new")]
    [TestCase("something old", "")]
    [TestCase("", "")]
    [TestCase("a", "a")]
    [TestCase("{\"a\":1}", "{\"a\":2}")]
    [TestCase("nothing of this is in common", "0123456789/0123456789/0123456789")]
    public void There_is_no_patch_that_is_not_shorter(string source, string target)
    {
        var output = new ArrayBufferWriter<byte>();

        Assert.That(FossilDelta.TryCreate(source.Utf8(), target.Utf8(), output, wholeCharacters: true), Is.False);
        Assert.That(output.WrittenCount, Is.Zero);
    }

    [Test]
    public void A_patch_goes_behind_what_is_there()
    {
        var (source, target) = (new string('x', 100).Utf8(), (new string('x', 100) + "y").Utf8());
        var output = new ArrayBufferWriter<byte>();
        output.Write("before"u8);

        Assert.That(FossilDelta.TryCreate(source, target, output, wholeCharacters: false), Is.True);
        Assert.That(output.Text(), Does.StartWith("before"));
        Assert.That(FossilPatch.Apply(source, output.WrittenSpan[6..].ToArray()), Is.EqualTo(target));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Similar_texts_give_short_patches_that_lead_to_the_target(bool wholeCharacters)
    {
        var random = new Random(Seed);
        for (var round = 0; round < 2_000; round++)
        {
            var source = RandomText(random, random.Next(40, 1_500));
            var target = Edit(random, source, random.Next(1, 6));

            AssertLeadsTo(source.Utf8(), target.Utf8(), wholeCharacters);
        }
    }

    [Test]
    public void One_change_in_a_long_text_is_a_patch_of_a_few_bytes()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 500; round++)
        {
            var source = RandomText(random, 1_000);
            var target = Edit(random, source, edits: 1);

            Assert.That(Create(source.Utf8(), target.Utf8()), Has.Length.LessThan(100));
        }
    }

    [Test]
    public void Moved_bytes_are_copied_from_their_old_place()
    {
        var random = new Random(Seed);
        var parts = Enumerable.Range(0, 6).Select(_ => RandomText(random, 200)).ToArray();
        var source = string.Concat(parts);
        var target = string.Concat(parts[5], parts[2], parts[0], parts[4], parts[2], parts[1]);

        Assert.That(Create(source.Utf8(), target.Utf8()), Has.Length.LessThan(250));
        AssertLeadsTo(source.Utf8(), target.Utf8(), wholeCharacters: true);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Texts_that_have_nothing_to_do_with_each_other_lead_to_the_target_too(bool wholeCharacters)
    {
        var random = new Random(Seed);
        for (var round = 0; round < 2_000; round++)
        {
            AssertLeadsTo(RandomText(random, random.Next(200)).Utf8(), RandomText(random, random.Next(200)).Utf8(), wholeCharacters);
        }
    }

    [Test]
    public void Any_bytes_lead_to_the_target()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 2_000; round++)
        {
            // Few different bytes, so that much is alike in many places.
            var source = RandomBytes(random, random.Next(600), random.Next(1, 5));
            var target = (byte[])[.. source.Skip(random.Next(40)), .. RandomBytes(random, random.Next(60), 256), .. source.Take(random.Next(300))];

            AssertLeadsTo(source, target, wholeCharacters: false);
        }
    }

    // Each cut of the shared text, within a character too.
    [Test]
    [Checklist(114)]
    public void A_text_patch_is_text_wherever_the_change_is()
    {
        var shared = string.Concat(Enumerable.Repeat("aé語😀", 8));
        foreach (var (one, other) in ((string, string)[])[("é", "è"), ("語", "誟"), ("😀", "😁"), ("é", "語"), ("", "😀"), ("a", "é")])
        {
            for (var at = 0; at < shared.Length; at++)
            {
                if (!char.IsLowSurrogate(shared[at]))
                {
                    AssertLeadsTo(shared.Insert(at, one).Utf8(), shared.Insert(at, other).Utf8(), wholeCharacters: true);
                }
            }
        }
    }

    [Test]
    public void Bytes_that_are_no_text_give_no_text_patch()
    {
        var source = new byte[200];
        var target = (byte[])[.. source, 0xC3];

        Assert.That(Create(source, target, wholeCharacters: true), Is.Null);
        AssertLeadsTo(source, target, wholeCharacters: false);
    }

    [TestCase("random")]
    [TestCase("one byte")]
    [TestCase("period of 15")]
    [TestCase("period of 1000")]
    [TestCase("text")]
    [CancelAfter(60_000)]
    public void A_megabyte_is_done_in_a_moment(string kind, CancellationToken cancellation)
    {
        const int length = 1 << 20;
        var random = new Random(Seed);
        byte[] source = kind switch
        {
            "random" => RandomBytes(random, length, 256),
            "one byte" => new byte[length],
            "period of 15" => [.. Enumerable.Range(0, length).Select(i => (byte)(i % 15))],
            "period of 1000" => [.. Enumerable.Range(0, length).Select(i => (byte)(i % 1000 * 7919 >> 5))],
            _ => RandomText(random, length / 3).Utf8(),
        };
        byte[] target = kind is "text"
            ? Edit(random, Encoding.UTF8.GetString(source), edits: 200).Utf8()
            : [1, .. source.AsSpan(length / 2), 2, 3, .. source.AsSpan(0, length / 2), 4];

        // The test's own time limit is the measure of a moment: an encoder that tried every place would take hours.
        AssertLeadsTo(source, target, wholeCharacters: kind is "text");
        Assert.That(cancellation.IsCancellationRequested, Is.False);
    }

    private static void AssertLeadsTo(byte[] source, byte[] target, bool wholeCharacters)
    {
        if (Create(source, target, wholeCharacters) is not { } patch)
        {
            return;
        }

        Assert.That(patch, Has.Length.LessThan(target.Length));
        Assert.That(FossilPatch.Apply(source, patch).AsSpan().SequenceEqual(target), Is.True);
        Assert.That(!wholeCharacters || Utf8.IsValid(patch), Is.True, "a text patch is text");
    }

    private static byte[]? Create(byte[] source, byte[] target, bool wholeCharacters = true)
    {
        var output = new ArrayBufferWriter<byte>();
        return FossilDelta.TryCreate(source, target, output, wholeCharacters) ? output.WrittenSpan.ToArray() : null;
    }

    private static byte[] RandomBytes(Random random, int length, int different) => [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next(different))];

    private static string RandomText(Random random, int characters) =>
        string.Concat(Enumerable.Range(0, characters).Select(_ => Characters[random.Next(Characters.Length)]));

    // Inserts, removes or replaces some characters at some places.
    private static string Edit(Random random, string text, int edits)
    {
        var runes = text.EnumerateRunes().ToList();
        for (var edit = 0; edit < edits; edit++)
        {
            var at = random.Next(runes.Count);
            runes.RemoveRange(at, Math.Min(random.Next(4), runes.Count - at));
            runes.InsertRange(at, RandomText(random, random.Next(4)).EnumerateRunes());
        }

        return string.Concat(runes);
    }
}

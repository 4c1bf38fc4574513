using System.Text;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;
using ClawEvents.Cli.Streams.Durable;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>How far a channel has been handled, in whatever order it was.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ChannelCursorTests
{
    private readonly ChannelCursor _cursor = ChannelCursor.From(new StreamPosition("e", 10), notBefore: 0);

    [Test]
    public void What_is_handled_in_order_moves_the_offset()
    {
        Receive(11, 12);
        Done(11, 12);

        Assert.That(Text(_cursor), Is.EqualTo("""{"epoch":"e","offset":12,"done":[]}"""));
    }

    [Test]
    public void What_is_handled_early_is_kept_beyond_the_offset_until_the_hole_is_filled()
    {
        Receive(11, 12, 13, 14, 15);
        Done(13, 12, 15);
        var before = Text(_cursor);
        Done(11);
        var after = Text(_cursor);
        Done(14);

        Assert.That((before, after, Text(_cursor)), Is.EqualTo((
            """{"epoch":"e","offset":10,"done":[12,13,15,15]}""",
            """{"epoch":"e","offset":13,"done":[15,15]}""",
            """{"epoch":"e","offset":15,"done":[]}""")));
    }

    [Test]
    public void A_message_that_was_handled_already_is_not_wanted_again()
    {
        Receive(11, 12, 13);
        Done(12);
        var read = Read(Text(_cursor))!;

        Assert.That(new ulong[] { 9, 10, 11, 12, 13 }.Select(read.Receive), Is.EqualTo([false, false, true, false, true]));
    }

    [Test]
    public void Offsets_that_did_not_arrive_count_as_handled()
    {
        Receive(11, 15);
        Done(11, 15);
        _cursor.Skip(20);

        Assert.That(Text(_cursor), Is.EqualTo("""{"epoch":"e","offset":20,"done":[]}"""));
    }

    [Test]
    public void Offsets_that_arrived_are_not_skipped()
    {
        Receive(11, 12);
        _cursor.Skip(14);

        Assert.That(Text(_cursor), Is.EqualTo("""{"epoch":"e","offset":10,"done":[13,14]}"""));
    }

    [Test]
    public void Where_it_began_is_kept_until_a_message_has_come()
    {
        var cursor = ChannelCursor.From(new StreamPosition("e", 0), notBefore: 99);
        var before = Text(cursor);
        cursor.Receive(5);

        Assert.That((before, Text(cursor)), Is.EqualTo(("""{"epoch":"e","offset":0,"done":[],"since":99}""", """{"epoch":"e","offset":4,"done":[]}""")));
    }

    [Test]
    public void Any_order_ends_at_the_last_offset([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        var offsets = Enumerable.Range(11, 200).Select(number => (ulong)number).Where(_ => random.Next(4) > 0).ToArray();
        Receive(offsets);
        var left = new HashSet<ulong>(offsets);
        foreach (var offset in offsets.OrderBy(_ => random.Next()).ToArray())
        {
            _cursor.MarkDone(offset);
            left.Remove(offset);
            var read = Read(Text(_cursor))!;
            Assert.That(offsets.Where(read.Receive), Is.EquivalentTo(left), $"after {offset}");
        }

        Assert.That(Text(_cursor), Is.EqualTo($$"""{"epoch":"e","offset":{{offsets[^1]}},"done":[]}"""));
    }

    [TestCase("""{"offset":1,"done":[]}""")]
    [TestCase("""{"epoch":"e","offset":-1,"done":[]}""")]
    [TestCase("""{"epoch":"e","offset":1,"done":[3]}""")]
    [TestCase("""{"epoch":"e","offset":1,"done":[4,3]}""")]
    [TestCase("""{"epoch":"e","offset":1,"done":["3",4]}""")]
    [TestCase("""[]""")]
    public void Anything_else_is_no_cursor(string json) => Assert.That(Read(json), Is.Null);

    private void Receive(params ulong[] offsets) => Assert.That(offsets.Select(_cursor.Receive), Is.All.True);

    private void Done(params ulong[] offsets) => Array.ForEach(offsets, _cursor.MarkDone);

    private static string Text(ChannelCursor cursor) => Encoding.UTF8.GetString(JsonText.Object(cursor.WriteTo));

    private static ChannelCursor? Read(string json) => ChannelCursor.Read(JsonText.TryParse(Encoding.UTF8.GetBytes(json))!.Value);
}

using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Hub;

internal sealed class PushBatchTests
{
    private static readonly ChannelName Channel = TestChannel.Named("public.a");
    private readonly PushBatch _batch = new();

    [Test]
    public void Pushes_lie_end_to_end_as_each_wire_has_them()
    {
        List<ChannelPush> pushes = [Push("1"), Push("2"), Push("3")];

        Assert.That(_batch.Begin(pushes, 0), Is.EqualTo(3));
        foreach (var wire in new[] { Wire.WebSocketJson, Wire.WebSocketProtobuf })
        {
            var separate = pushes.SelectMany(push => push.FrameFor(wire.Index, PublicationForm.Plain)).ToArray();
            Assert.That(_batch.FramesFor(wire.Index)!.Bytes.ToArray(), Is.EqualTo(separate));
        }
    }

    [Test]
    public void A_single_push_is_not_copied_even_for_those_that_keep_it()
    {
        var push = Push("1");
        _batch.Begin([push], 0);

        var kept = _batch.FramesFor(Wire.WebSocketJson.Index)!.Keep();

        Assert.That(kept, Is.EqualTo((ReadOnlyMemory<byte>)push.FrameFor(Wire.WebSocketJson.Index, PublicationForm.Plain)));
    }

    [Test]
    public void What_slow_subscribers_keep_is_shared_and_outlives_the_batch()
    {
        List<ChannelPush> pushes = [Push("1"), Push("2")];
        _batch.Begin(pushes, 0);
        var frames = _batch.FramesFor(Wire.WebSocketJson.Index)!;
        var (first, second, bytes) = (frames.Keep(), frames.Keep(), frames.Bytes.ToArray());
        _batch.End();

        _batch.Begin([Push("8"), Push("9")], 0);
        _batch.FramesFor(Wire.WebSocketJson.Index);

        Assert.That(second, Is.EqualTo(first), "the same memory");
        Assert.That(first.ToArray(), Is.EqualTo(bytes));
    }

    [Test]
    public void More_than_64_KB_go_in_several_batches_of_whole_pushes()
    {
        var large = $"\"{new string('x', 30_000)}\"";
        List<ChannelPush> pushes = [.. Enumerable.Repeat(large, 7).Select(data => Push(data))];

        var ends = new List<int>();
        for (var next = 0; next < pushes.Count;)
        {
            next = _batch.Begin(pushes, next);
            ends.Add(next);
            _batch.End();
        }

        Assert.That(ends, Is.EqualTo(new[] { 3, 6, 7 }));
    }

    [Test]
    public void A_batch_with_something_that_a_wire_cannot_have_has_no_frames_for_it()
    {
        // On a channel of claw.events everything is JSON.
        _batch.Begin([new(TestChannel.Named("other"), TestPush.Publication("1")), new(TestChannel.Named("other"), TestPush.Publication("not JSON"))], 0);

        Assert.That(_batch.FramesFor(Wire.WebSocketJson.Index), Is.Null);
        Assert.That(_batch.FramesFor(Wire.WebSocketProtobuf.Index), Is.Not.Null);
    }

    [TestCase(new ulong[] { 5 }, ExpectedResult = true)]
    [TestCase(new ulong[] { 5, 6, 7 }, ExpectedResult = true)]
    [TestCase(new ulong[] { 5, 7 }, ExpectedResult = false)]
    [TestCase(new ulong[] { 6, 5 }, ExpectedResult = false)]
    [TestCase(new ulong[] { 0, 1 }, ExpectedResult = false)]
    [TestCase(new ulong[] { 5, 0 }, ExpectedResult = false)]
    public bool Offsets_without_a_gap_are_taken_as_one(ulong[] offsets)
    {
        _batch.Begin([.. offsets.Select(offset => Push("1", offset))], 0);

        return _batch.IsContiguous;
    }

    [Test]
    public void A_join_among_publications_is_told_apart()
    {
        _batch.Begin([Push("1", 1), new ChannelPush(Channel, PushKind.Join, client: null)], 0);

        Assert.That((_batch.HasOnlyPublications, _batch.IsContiguous), Is.EqualTo((false, false)));
    }

    [TestCase(100)]
    [TestCase(1_000)]
    public void A_batch_costs_no_memory_however_many_share_it(int subscribers)
    {
        List<ChannelPush> pushes = [Push("1", 1), Push("2", 2), Push("3", 3)];
        var pending = new CountingSubscriber().SubscribeTo(Channel);

        var perCall = Allocations.PerCall(() =>
        {
            _batch.Begin(pushes, 0);
            for (var i = 0; i < subscribers; i++)
            {
                _ = pending.TakesAll(_batch) && _batch.FramesFor(pending.Wire)!.Bytes.Length > 0;
            }

            _batch.End();
        });

        Assert.That(perCall, Is.Zero);
    }

    private static ChannelPush Push(string data, ulong offset = 0) => new(Channel, TestPush.Publication(data, offset)) { Number = 1 };
}

using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Tests.Hub;

internal sealed class PositionTrackerTests
{
    [TestCase(6UL, "a", ExpectedResult = PositionStep.Deliver)]
    [TestCase(5UL, "a", ExpectedResult = PositionStep.Skip)]
    [TestCase(1UL, "a", ExpectedResult = PositionStep.Skip)]
    [TestCase(7UL, "a", ExpectedResult = PositionStep.InsufficientState)]
    [TestCase(ulong.MaxValue, "a", ExpectedResult = PositionStep.InsufficientState)]
    [TestCase(6UL, "b", ExpectedResult = PositionStep.InsufficientState)]
    [TestCase(1UL, "b", ExpectedResult = PositionStep.InsufficientState)]
    [TestCase(0UL, "", ExpectedResult = PositionStep.Deliver)]
    public PositionStep A_subscriber_at_offset_5_of_epoch_a_gets_what_follows(ulong offset, string epoch) =>
        new PositionTracker(new(5, "a")).Next(new(offset, epoch));

    [Test]
    public void Only_deliveries_move_the_position()
    {
        var tracker = new PositionTracker(new(5, "a"));

        tracker.Next(new(5, "a"));
        tracker.Next(new(9, "a"));
        tracker.Next(new(6, "b"));
        tracker.Next(new(0, ""));
        var before = tracker.Position;
        tracker.Next(new(6, "a"));

        Assert.That((before, tracker.Position), Is.EqualTo((new StreamPosition(5, "a"), new StreamPosition(6, "a"))));
    }

    [TestCase("")]
    [TestCase(null)]
    public void A_subscriber_without_an_epoch_learns_it_from_the_first_publication(string? unknown)
    {
        var tracker = new PositionTracker(new(0, unknown!));

        var steps = new[] { tracker.Next(new(1, "a")), tracker.Next(new(2, "b")), tracker.Next(new(2, "a")) };

        Assert.That(steps, Is.EqualTo(new[] { PositionStep.Deliver, PositionStep.InsufficientState, PositionStep.Deliver }));
    }

    [TestCase(5UL, "a", ExpectedResult = true)]
    [TestCase(4UL, "a", ExpectedResult = true)]
    [TestCase(6UL, "a", ExpectedResult = false)]
    [TestCase(5UL, "b", ExpectedResult = false)]
    [TestCase(0UL, "b", ExpectedResult = false)]
    public bool A_position_that_was_asked_for_is_reached_or_not(ulong offset, string epoch) =>
        new PositionTracker(new(5, "a")).HasReached(new(offset, epoch));

    [TestCase(6UL, "a", 9UL, ExpectedResult = 9UL)]
    [TestCase(6UL, "a", 6UL, ExpectedResult = 6UL)]
    [TestCase(5UL, "a", 9UL, ExpectedResult = 5UL)]
    [TestCase(7UL, "a", 9UL, ExpectedResult = 5UL)]
    [TestCase(6UL, "b", 9UL, ExpectedResult = 5UL)]
    public ulong A_run_is_taken_as_a_whole_only_when_it_follows_offset_5(ulong first, string epoch, ulong last)
    {
        var tracker = new PositionTracker(new(5, "a"));

        var isTaken = tracker.TryTake(new(first, epoch), new(last, epoch));

        Assert.That(isTaken, Is.EqualTo(tracker.Position.Offset == last));
        return tracker.Position.Offset;
    }
}

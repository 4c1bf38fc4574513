using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Cli.Streams.Children;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class EventBatchTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly List<HandOver> _handedOver = [];

    [Test]
    public void A_batch_has_a_count_its_messages_and_a_time()
    {
        using var batch = Batch(count: 2);

        batch.Add("""{"a":1.0}"""u8, default);
        batch.Add("""{"b":"\u00e4"}"""u8, default);

        var timestamp = _time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.That(Texts(), Is.EqualTo([$$"""{"batch":true,"count":2,"messages":[{"a":1.0},{"b":"\u00e4"}],"timestamp":{{timestamp}}}"""]));
        Assert.That((_handedOver[0].Count, _handedOver[0].IsBatch), Is.EqualTo((2, true)));
    }

    [Test]
    public void A_count_alone_waits_for_ever()
    {
        using var batch = Batch(count: 2);

        batch.Add("{}"u8, default);
        _time.Advance(TimeSpan.FromDays(40));

        Assert.That(_handedOver, Is.Empty);
    }

    [Test]
    public void Silence_counts_from_the_last_message()
    {
        using var batch = Batch(quiet: 100);

        batch.Add("{}"u8, default);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        batch.Add("{}"u8, default);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.That(_handedOver, Is.Empty);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(Counts(), Is.EqualTo([2]));
    }

    [Test]
    public void A_timeout_counts_from_the_first_message()
    {
        using var batch = Batch(quiet: 100, age: 250);

        for (var i = 0; i < 6; i++)
        {
            batch.Add("{}"u8, default);
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.That(Counts(), Is.EqualTo([5]));
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.That(Counts(), Is.EqualTo([5, 1]));
    }

    [Test]
    public void A_full_batch_leaves_no_timer_for_the_next_one()
    {
        using var batch = Batch(count: 2, quiet: 100);

        batch.Add("{}"u8, default);
        _time.Advance(TimeSpan.FromMilliseconds(60));
        batch.Add("{}"u8, default);
        batch.Add("{}"u8, default);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.That(Counts(), Is.EqualTo([2]));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(Counts(), Is.EqualTo([2, 1]));
    }

    [Test]
    public void A_batch_is_never_larger_than_an_argument()
    {
        using var batch = Batch(count: 1_000, maxBytes: 1_000);
        var json = Encoding.UTF8.GetBytes($$"""{"p":"{{new string('x', 200)}}"}""");

        for (var i = 0; i < 10; i++)
        {
            batch.Add(json, default);
        }
        batch.Close();

        Assert.That(Counts().Sum(), Is.EqualTo(10));
        Assert.That(_handedOver.Select(handOver => handOver.Json.Length), Has.All.LessThanOrEqualTo(1_000).And.Some.GreaterThan(700));
        Assert.That(Texts().Select(text => JsonDocument.Parse(text).RootElement.GetProperty("messages").GetArrayLength()), Is.EqualTo(Counts()));
        Assert.That(batch.WasCutShort, Is.True);
    }

    [Test]
    public void An_event_that_is_too_large_for_a_batch_goes_alone()
    {
        using var batch = Batch(count: 10, maxBytes: 100);

        batch.Add("{}"u8, default);
        batch.Add(Encoding.UTF8.GetBytes($$"""{"p":"{{new string('x', 200)}}"}"""), default);
        batch.Add("{}"u8, default);
        batch.Close();

        Assert.That(Counts(), Is.EqualTo([1, 1, 1]));
    }

    [Test]
    public void Closing_an_empty_batch_hands_nothing_over()
    {
        using var batch = Batch(count: 1);

        batch.Add("{}"u8, default);
        batch.Close();

        Assert.That(Counts(), Is.EqualTo([1]));
    }

    private EventBatch Batch(int? count = null, int? quiet = null, int? age = null, int maxBytes = 10_000) =>
        new(new BatchLimits(count, Milliseconds(quiet), Milliseconds(age)), maxBytes, _time, _handedOver.Add);

    private static TimeSpan? Milliseconds(int? number) => number is { } value ? TimeSpan.FromMilliseconds(value) : null;

    private IEnumerable<int> Counts() => _handedOver.Select(handOver => handOver.Count);

    private IEnumerable<string> Texts() => _handedOver.Select(handOver => Encoding.UTF8.GetString(handOver.Json));
}

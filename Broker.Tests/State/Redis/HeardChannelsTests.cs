using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.State.Redis;

internal sealed class HeardChannelsTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly List<IReadOnlyList<ChannelName>> _batches = [];
    private readonly HeardChannels _heard;
    private bool _isAway;
    private Task _answer = Task.CompletedTask;
    private int _searches;

    public HeardChannelsTests() => _heard = new HeardChannels(IndexAsync, () => _searches++, _time, NullLogger.Instance);

    public ValueTask DisposeAsync() => _heard.DisposeAsync();

    [Test]
    public async Task Before_a_list_all_that_was_heard_is_indexed_once()
    {
        _heard.Add(Named(1));
        _heard.Add(Named(2));
        _heard.Add(Named(1));
        await _heard.IndexAsync();
        await _heard.IndexAsync();

        Assert.That(_batches, Has.Count.EqualTo(1));
        Assert.That(_batches[0], Is.EquivalentTo(new[] { Named(1), Named(2) }));
    }

    [Test]
    public async Task Without_a_list_a_change_is_indexed_a_second_later()
    {
        _heard.Add(Named(1));
        _time.Advance(HeardChannels.Delay * 0.9);
        var before = _batches.Count;
        _time.Advance(HeardChannels.Delay * 0.2);
        await _heard.IndexAsync();

        // By the timer: the question found nothing left.
        Assert.That((before, _batches.Count), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task Many_lists_simultaneously_share_one_command()
    {
        var answer = new TaskCompletionSource();
        _answer = answer.Task;
        _heard.Add(Named(1));
        var first = _heard.IndexAsync();
        await Eventually.IsTrueAsync(() => _batches.Count == 1);
        _heard.Add(Named(2));
        var later = Enumerable.Range(0, 100).Select(_ => _heard.IndexAsync()).ToArray();

        answer.SetResult();
        await Task.WhenAll([first, .. later]);

        Assert.That(_batches, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_list_waits_for_a_command_that_is_under_way()
    {
        var answer = new TaskCompletionSource();
        _answer = answer.Task;
        _heard.Add(Named(1));
        _time.Advance(HeardChannels.Delay);
        await Eventually.IsTrueAsync(() => _batches.Count == 1);

        var list = _heard.IndexAsync();
        var before = list.IsCompleted;
        answer.SetResult();
        await list;

        Assert.That(before, Is.False);
    }

    [Test]
    public async Task A_burst_is_indexed_in_large_batches_without_waiting()
    {
        const int count = 10_000;
        for (var i = 0; i < count; i++)
        {
            _heard.Add(Named(i));
        }

        await _heard.IndexAsync();

        // Each attempt but the last one finds a full batch at least, and has one that is not full at most.
        Assert.That(_batches, Has.Count.LessThanOrEqualTo((2 * count / RedisTakeover.BatchSize) + 1));
        Assert.That(_batches.Max(batch => batch.Count), Is.LessThanOrEqualTo(RedisTakeover.BatchSize));
        Assert.That(_batches.SelectMany(batch => batch).Distinct().Count(), Is.EqualTo(count));
    }

    [Test]
    public async Task What_is_heard_while_Redis_is_away_is_indexed_afterwards()
    {
        _isAway = true;
        _heard.Add(Named(1));
        Assert.That(_heard.IndexAsync, Throws.InstanceOf<StoreUnavailableException>());
        _heard.Add(Named(2));
        _time.Advance(HeardChannels.Delay);
        await Eventually.IsTrueAsync(() => _batches.Count == 2);
        _isAway = false;

        // Each failure has set the timer again.
        await Eventually.IsTrueAsync(() =>
        {
            _time.Advance(HeardChannels.Delay);
            return _batches.Count > 2;
        });
        await _heard.IndexAsync();

        Assert.That(_batches[^1], Is.EquivalentTo(new[] { Named(1), Named(2) }));
        Assert.That(_searches, Is.Zero);
    }

    [Test]
    public async Task Too_many_changes_while_Redis_is_away_are_replaced_by_a_search_for_all_keys()
    {
        _isAway = true;
        for (var i = 0; i <= HeardChannels.MaxWaiting; i++)
        {
            _heard.Add(Named(i));
        }

        await Eventually.IsTrueAsync(() => _searches > 0);
        _isAway = false;
        await Eventually.IsTrueAsync(() => IsDoneAsync(_heard));

        Assert.That(_batches.Sum(batch => batch.Count), Is.LessThan(HeardChannels.MaxWaiting));
    }

    [Test]
    public async Task A_fault_that_is_over_is_not_reported_to_later_lists()
    {
        _answer = Task.FromException(new InvalidDataException("another type"));
        _heard.Add(Named(1));
        Assert.That(_heard.IndexAsync, Throws.InstanceOf<InvalidDataException>());

        await _heard.IndexAsync();

        Assert.That(_batches, Has.Count.EqualTo(1), "trying it again would fail again");
    }

    private static ChannelName Named(int number) => TestChannel.Named($"agent.owner.{number}");

    private static async Task<bool> IsDoneAsync(HeardChannels heard)
    {
        try
        {
            await heard.IndexAsync();
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    private Task IndexAsync(IReadOnlyList<ChannelName> batch)
    {
        lock (_batches)
        {
            _batches.Add(batch);
        }

        return Volatile.Read(ref _isAway) ? Task.FromException(new StoreUnavailableException("away")) : _answer;
    }
}

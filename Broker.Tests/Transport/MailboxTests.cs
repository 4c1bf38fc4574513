using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Tests.Transport;

internal sealed class MailboxTests
{
    private readonly AutoResetEvent _woken = new(initialState: false);
    private readonly Mailbox _mailbox;
    private int _wakes;

    public MailboxTests() => _mailbox = new Mailbox(() =>
    {
        Interlocked.Increment(ref _wakes);
        _woken.Set();
    });

    [TearDown]
    public void Dispose() => _woken.Dispose();

    [Test]
    public void Posts_are_taken_once_and_in_their_order()
    {
        Array.ForEach([1, 2, 3], Add);

        Assert.That(Taken(), Is.EqualTo(new[] { 1, 2, 3 }));
        Add(4);
        Assert.That(Taken(), Is.EqualTo(new[] { 4 }));
        Assert.That(Taken(), Is.Empty);
    }

    [Test]
    public void A_post_wakes_the_reactor_only_while_it_sleeps_and_only_once()
    {
        Add(1);
        Taken();
        Assert.That(_wakes, Is.Zero);

        Assert.That(_mailbox.TrySleep(), Is.True);
        Add(2);
        Add(3);

        Assert.That(_wakes, Is.EqualTo(1));
    }

    [Test]
    public void A_reactor_with_posts_does_not_sleep()
    {
        Add(1);

        Assert.That(_mailbox.TrySleep(), Is.False);
        Add(2);
        Assert.That(_wakes, Is.Zero);
    }

    [Test]
    public void Publishers_wait_only_while_much_is_posted()
    {
        for (var i = 0; i < 1023; i++)
        {
            Add(i);
        }

        Assert.That(_mailbox.WhenRoom().IsCompleted, Is.True);
        Add(1023);
        var room = new[] { _mailbox.WhenRoom(), _mailbox.WhenRoom() };
        Assert.That(room, Has.None.Matches<Task>(task => task is { IsCompleted: true }));

        Taken();

        Assert.That(() => Task.WhenAll(room).WaitAsync(RunningBroker.Patience), Throws.Nothing);
        Assert.That(_mailbox.WhenRoom().IsCompleted, Is.True);
    }

    [Test]
    public void Concurrent_posters_lose_nothing_and_each_keeps_its_order()
    {
        const int posters = 4;
        const int posts = 20_000;
        var threads = Enumerable.Range(0, posters).Select(poster => new Thread(() =>
        {
            for (var i = 0; i < posts; i++)
            {
                Add((i * posters) + poster);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());

        // Like a reactor: a post that woke nobody would be found by nobody.
        var taken = new List<int>();
        while (taken.Count < posters * posts)
        {
            if (_mailbox.TrySleep())
            {
                Assert.That(_woken.WaitOne(RunningBroker.Patience), Is.True, "A post has not woken the reactor.");
            }

            _mailbox.Awake();
            taken.AddRange(Taken());
        }

        threads.ForEach(thread => thread.Join());
        for (var poster = 0; poster < posters; poster++)
        {
            Assert.That(taken.Where(number => number % posters == poster), Is.EqualTo(Enumerable.Range(0, posts).Select(i => (i * posters) + poster)));
        }
    }

    [Test]
    public void Posts_cost_no_memory_once_the_lists_have_grown()
    {
        var work = () => { };

        var perCall = Support.Allocations.PerCall(() =>
        {
            _mailbox.Add(new(work));
            _mailbox.Add(new(work));
            _mailbox.Take(out _);
        });

        Assert.That(perCall, Is.Zero);
    }

    private void Add(int number) => _mailbox.Add(new(Work: null, Item: number));

    private IEnumerable<int> Taken() => [.. _mailbox.Take(out _).Select(post => (int)post.Item!)];
}

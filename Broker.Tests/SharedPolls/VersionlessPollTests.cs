using System.Text.RegularExpressions;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support.Clients;

namespace ClawEvents.Broker.Tests.SharedPolls;

/// <summary>Values without versions: the broker counts the changes.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed partial class VersionlessPollTests : SharedPollFixture
{
    protected override SharedPollOptions Options { get; } = new();

    [Test]
    public async Task A_value_is_delivered_when_it_has_changed()
    {
        (Values["a"], Values["b"]) = (Value("a", "1"), Value("b", "1"));
        var link = Subscribe();
        Track(link, "a");
        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "a@1 1" }));
        Track(link, "b");
        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "b@2 1" }), "versions are counted for the whole channel");

        await CycleAsync();
        Values["a"] = Value("a", "2");
        await CycleAsync();

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "a@3 2" }));
        Assert.That(Asked[^1], Is.EqualTo("a b"), "a question has no versions");
    }

    [Test]
    public async Task A_later_client_gets_the_value_with_the_version_that_others_have()
    {
        Values["k"] = Value("k", "1");
        var first = Subscribe();
        Track(first, "k");
        await PushesAsync(first, 1);
        var second = Subscribe();

        Track(second, "k");

        Assert.That(await PushesAsync(second, 1), Is.EqualTo(new[] { "k@1 1" }));
        Assert.That(first.Received(), Is.Empty);
    }

    [Test]
    public async Task A_version_of_the_back_end_counts_and_later_ones_of_the_broker_are_higher()
    {
        Values["k"] = Value("k", "1", version: 7);
        var link = Subscribe();
        Track(link, "k");
        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@7 1" }));

        Values["k"] = Value("k", "2");
        await CycleAsync();

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@8 2" }));
    }

    [Test]
    public void An_epoch_outlives_the_subscribers_by_a_delay()
    {
        var first = EpochOf();
        var second = EpochOf();
        Rig.Time.Advance(Options.ChannelShutdownDelay / 2);
        var third = EpochOf();
        Rig.Time.Advance(Options.ChannelShutdownDelay * 2);

        Assert.That((second, third), Is.EqualTo((first, first)));
        Assert.That(EpochOf(), Is.Not.EqualTo(first));
    }

    [Test]
    public async Task An_epoch_in_an_answer_means_nothing_here()
    {
        (Values["k"], Epoch) = (Value("k", "1"), "x");
        var link = Subscribe();
        Track(link, "k");

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@1 1" }));
    }

    // Subscribes, and unsubscribes.
    private string EpochOf()
    {
        var link = new ClientLink(Rig).Connected();
        link.Send("""{"id":2,"subscribe":{"channel":"poll:a","type":4}}""");
        var reply = link.Frames().Single().ToString();
        Assert.That(reply, Does.Match("""^\{"id":2,"subscribe":\{"epoch":"[A-Za-z]{8}","type":4\}\}$"""));
        link.Ask("""{"id":3,"unsubscribe":{"channel":"poll:a"}}""");
        return EpochIn().Match(reply).Value;
    }

    [GeneratedRegex("(?<=\"epoch\":\")[A-Za-z]{8}")]
    private static partial Regex EpochIn();
}

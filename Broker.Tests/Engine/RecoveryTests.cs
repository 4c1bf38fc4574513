using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Tests.Engine;

internal sealed class RecoveryTests
{
    private const string Epoch = "current";

    // A history with offsets first to 10; first 11: the position is 10 and nothing is kept.
    [TestCase(10UL, 6, ExpectedResult = "recovered from 10:")]
    [TestCase(7UL, 6, ExpectedResult = "recovered from 7: 8 9 10")]
    [TestCase(5UL, 6, ExpectedResult = "recovered from 5: 6 7 8 9 10")]
    [TestCase(4UL, 6, ExpectedResult = "lost, at 10")]
    [TestCase(0UL, 6, ExpectedResult = "lost, at 10")]
    [TestCase(0UL, 1, ExpectedResult = "recovered from 0: 1 2 3 4 5 6 7 8 9 10")]
    [TestCase(11UL, 6, ExpectedResult = "lost, at 10")]
    [TestCase(ulong.MaxValue, 6, ExpectedResult = "lost, at 10")]
    [TestCase(10UL, 11, ExpectedResult = "recovered from 10:")]
    [TestCase(9UL, 11, ExpectedResult = "lost, at 10")]
    public string A_stream_is_recovered_if_nothing_is_missing_since_the_position(ulong since, int first) =>
        Told(Resolve(new() { Since = new(since, Epoch), Recover = true, IsRecoverable = true }, first));

    [TestCase("", ExpectedResult = "recovered from 8: 9 10")]
    [TestCase(null, ExpectedResult = "recovered from 8: 9 10")]
    [TestCase("another", ExpectedResult = "lost, at 10")]
    public string An_empty_epoch_matches_and_another_does_not(string? epoch) =>
        Told(Resolve(new() { Since = new(8, epoch!), Recover = true, IsRecoverable = true }));

    [TestCase(300, ExpectedResult = "True 300")]
    [TestCase(301, ExpectedResult = "False 0")]
    public string More_than_the_limit_is_not_recovered(int missed)
    {
        var request = new RecoveryRequest { Since = new(0, Epoch), Recover = true, IsRecoverable = true };
        var result = Recovery.Resolve(request, Read(Recovery.FilterFor(request), 1, missed));

        return $"{result.Recovered} {result.Publications.Count}";
    }

    [Test]
    public void Nobody_missed_anything_of_a_channel_without_publications()
    {
        var request = new RecoveryRequest { Since = new(0, Epoch), Recover = true, IsRecoverable = true };
        var result = Recovery.Resolve(request, new([], new(0, Epoch)));

        Assert.That((result.Recovered, result.Position), Is.EqualTo((true, new StreamPosition(0, Epoch))));
    }

    [TestCase(false, true)]
    [TestCase(true, false)]
    public void A_client_that_does_not_ask_or_may_not_gets_the_position(bool asks, bool may)
    {
        var request = new RecoveryRequest { Since = new(8, Epoch), Recover = asks, IsRecoverable = may, RejectUnrecovered = true };
        var result = Resolve(request);

        Assert.That(Recovery.FilterFor(request), Is.EqualTo(HistoryFilter.Position));
        Assert.That(Told(result), Is.EqualTo("lost, at 10"));
        Assert.That((result.WasRecovering, result.Error), Is.EqualTo((asks, (object?)null)));
    }

    [Test]
    public void After_a_recovery_the_reply_has_the_clients_offset_and_the_subscription_goes_on_from_the_top()
    {
        var result = Resolve(new() { Since = new(8, ""), Recover = true, IsRecoverable = true });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.WasRecovering, Is.True);
            Assert.That(result.Position, Is.EqualTo(new StreamPosition(8, Epoch)));
            Assert.That(result.Top, Is.EqualTo(new StreamPosition(10, Epoch)));
        }
    }

    [Test]
    public void A_client_that_prefers_an_error_to_a_loss_gets_112()
    {
        var request = new RecoveryRequest { Since = new(2, Epoch), Recover = true, IsRecoverable = true, RejectUnrecovered = true };

        Assert.That(Resolve(request).Error?.Code, Is.EqualTo(112));
        Assert.That(Resolve(request with { Since = new(9, Epoch) }).Error, Is.Null);
    }

    [TestCase(0UL, "", 6, ExpectedResult = "recovered from 0: 10")]
    [TestCase(7UL, Epoch, 6, ExpectedResult = "recovered from 7: 10")]
    [TestCase(10UL, "another", 6, ExpectedResult = "recovered from 10: 10")]
    [TestCase(10UL, "", 6, ExpectedResult = "recovered from 10: 10")]
    [TestCase(10UL, Epoch, 6, ExpectedResult = "recovered from 10:")]
    [TestCase(10UL, Epoch, 11, ExpectedResult = "recovered from 10:")]
    [TestCase(0UL, "", 11, ExpectedResult = "lost, at 10")]
    [TestCase(7UL, Epoch, 11, ExpectedResult = "lost, at 10")]
    public string In_cache_mode_the_latest_is_recovered_unless_the_client_has_it(ulong since, string epoch, int first) =>
        Told(Resolve(new() { Since = new(since, epoch), Recover = true, IsRecoverable = true, Mode = RecoveryMode.Cache }, first));

    [Test]
    public void An_empty_channel_has_no_latest()
    {
        var request = new RecoveryRequest { Since = new(0, ""), Recover = true, IsRecoverable = true, Mode = RecoveryMode.Cache };
        var result = Recovery.Resolve(request, new([], new(0, Epoch)));

        Assert.That((result.Recovered, result.WasRecovering, result.Publications.Count), Is.EqualTo((false, true, 0)));
    }

    [Test]
    public void In_automatic_cache_mode_a_client_that_does_not_ask_gets_the_latest_too()
    {
        var request = new RecoveryRequest { IsRecoverable = true, Mode = RecoveryMode.Cache, AutoCacheRecover = true };
        var result = Resolve(request);

        Assert.That(Told(result), Is.EqualTo("recovered from 0: 10"));
        Assert.That(result.WasRecovering, Is.True);
        Assert.That(Told(Resolve(request with { Mode = RecoveryMode.Stream })), Is.EqualTo("lost, at 10"));
        Assert.That(Resolve(request with { Mode = RecoveryMode.Stream }).WasRecovering, Is.False);
        Assert.That(Resolve(request with { IsRecoverable = false }).WasRecovering, Is.False);
    }

    private static RecoveryResult Resolve(RecoveryRequest request, int first = 6) =>
        Recovery.Resolve(request, Read(Recovery.FilterFor(request), first, 10));

    // As an engine answers that keeps the offsets first to last.
    private static HistoryPage Read(HistoryFilter filter, int first, int last)
    {
        var kept = Enumerable.Range(first, last - first + 1).Select(offset => new StoredPublication((ulong)offset, default));
        var chosen = filter.Reverse ? kept.Reverse() : kept.Where(publication => publication.Offset > (filter.Since?.Offset ?? 0));
        return new([.. chosen.Take(filter.Limit)], new((ulong)last, Epoch));
    }

    private static string Told(RecoveryResult result) => result.Recovered
        ? string.Join(' ', [$"recovered from {result.Position.Offset}:", .. result.Publications.Select(publication => $"{publication.Offset}")])
        : $"lost, at {result.Position.Offset}" + string.Concat(result.Publications.Select(publication => $" {publication.Offset}"));
}

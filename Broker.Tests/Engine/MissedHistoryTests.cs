using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Engine;

/// <summary>Long recoveries, which are read in pages while the channel goes on.</summary>
internal sealed class MissedHistoryTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly ChannelName _channel = TestChannel.Named("public.history");
    private readonly MemoryChannelEngine _memory = new(new RecordingReceiver(), new ManualTimeProvider());
    private readonly PagedEngine _engine;

    public MissedHistoryTests() => _engine = new PagedEngine(_memory);

    public void Dispose() => _memory.Dispose();

    [TestCase(0, new[] { 300 })]
    [TestCase(299, new[] { 300 })]
    [TestCase(300, new[] { 300 })]
    [TestCase(301, new[] { 300, 300 })]
    [TestCase(1_000, new[] { 300, 300, 300, 100 })]
    [TestCase(1_001, new[] { 300 })]
    public async Task Pages_are_read_until_the_position_and_no_further_when_it_is_out_of_reach(int missed, int[] limits)
    {
        await PublishAsync(missed);

        var result = await RecoverAsync();

        Assert.That(result.Recovered, Is.EqualTo(missed <= 1_000));
        Assert.That(result.Publications.Select(publication => (int)publication.Offset), Is.EqualTo(Enumerable.Range(1, missed <= 1_000 ? missed : 0)));
        Assert.That(_engine.Limits, Is.EqualTo(limits));
    }

    [Test]
    public async Task Publications_that_come_between_two_pages_belong_to_the_recovery()
    {
        await PublishAsync(400);
        _engine.AfterFirstPage = () => PublishAsync(50);

        var result = await RecoverAsync();

        Assert.That((result.Recovered, result.Publications.Count, result.Top.Offset), Is.EqualTo((true, 450, 450UL)));
    }

    [Test]
    public async Task A_history_that_drops_what_the_next_page_needs_is_not_recovered()
    {
        await PublishAsync(400);
        _engine.AfterFirstPage = () => PublishAsync(400, size: 100);

        var result = await RecoverAsync();

        Assert.That((result.Recovered, result.Publications.Count, result.Position.Offset), Is.EqualTo((false, 0, 800UL)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Pages_of_two_epochs_are_not_put_together(bool knowsEpoch)
    {
        await PublishAsync(400);
        _engine.NewEpochAfterFirstPage = "another";

        var result = await RecoverAsync(knowsEpoch ? await EpochAsync() : "");

        Assert.That(result.Recovered, Is.EqualTo(!knowsEpoch), "an empty epoch matches the new one");
        Assert.That(result.Publications.Select(publication => publication.Offset), Is.Unique);
        Assert.That(result.Top.Epoch, Is.EqualTo("another"));
    }

    private async Task<RecoveryResult> RecoverAsync(string epoch = "")
    {
        var request = new RecoveryRequest { Since = new(0, epoch), Recover = true, IsRecoverable = true };
        return Recovery.Resolve(request, await MissedHistory.ReadAsync(_engine, _channel, request, limit: 1_000, Hour));
    }

    private async Task<string> EpochAsync() => (await _memory.ReadHistoryAsync(_channel, HistoryFilter.Position, Hour)).Top.Epoch;

    private async Task PublishAsync(int count, int size = 10_000)
    {
        for (var i = 0; i < count; i++)
        {
            await _memory.PublishAsync(_channel, new() { Publication = new("1".Utf8()), History = new(size, Hour, Hour) });
        }
    }

    // Something happens between the first page and the second.
    private sealed class PagedEngine(IChannelEngine inner) : EngineAround(inner)
    {
        public List<int> Limits { get; } = [];

        public Func<Task>? AfterFirstPage { get; set; }

        public string? NewEpochAfterFirstPage { get; set; }

        public override async ValueTask<HistoryPage> ReadHistoryAsync(ChannelName channel, HistoryFilter filter, TimeSpan metaTtl)
        {
            Limits.Add(filter.Limit);
            var page = await base.ReadHistoryAsync(channel, filter, metaTtl);
            if (Limits.Count == 1 && AfterFirstPage is { } act)
            {
                await act();
            }

            return Limits.Count > 1 && NewEpochAfterFirstPage is { } epoch ? page with { Top = page.Top with { Epoch = epoch } } : page;
        }
    }
}

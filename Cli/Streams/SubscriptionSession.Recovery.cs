using System.Globalization;

namespace ClawEvents.Cli.Streams;

// Recovers the messages of an interruption from the channel's history, and reports those that are lost. What is more than a server sends with a
// recovery is read page by page.
internal sealed partial class SubscriptionSession
{
    private readonly Dictionary<uint, Subscription> _reading = [];

    private void RecoverMissed(Subscription subscription, in SubscribeResult result)
    {
        var top = result.Recoverable ? new StreamPosition(result.Epoch ?? "", result.Offset) : default(StreamPosition?);
        if (subscription.Position is { } from && !result.Recovered)
        {
            ReadMissed(subscription, from, top);
            return;
        }
        subscription.OnAccepted(top);
        _sink.Begin(subscription);
        ReportRecovered(subscription, DeliverAll(subscription, result.Publications));
    }

    private void ReadMissed(Subscription subscription, StreamPosition from, StreamPosition? top)
    {
        if (top is not { } end)
        {
            subscription.OnAccepted(null);
            _sink.Begin(subscription);
            _reporter.WriteNotice($"Could not recover {subscription.Channel}: it has no history to recover from");
            return;
        }
        var isSame = from.Epoch.Length == 0 || (from.Epoch == end.Epoch && from.Offset <= end.Offset);
        var start = end with { Offset = isSame ? Math.Min(from.Offset, end.Offset) : 0 };
        subscription.OnAccepted(start, start.Offset < end.Offset ? new CatchUp(end.Offset) : null);
        _sink.Begin(subscription);
        if (!isSame)
        {
            ReportGap(new Gap(subscription.Channel, from, start, GapReason.Reset), "its history was reset");
        }
        ReadNextPage(subscription);
    }

    private void ReadNextPage(Subscription subscription)
    {
        if (subscription is { CatchUp: not null, Position: { } since })
        {
            var id = ++_lastId;
            _reading.Add(id, subscription);
            ExpectAnswer(TimeSpan.Zero);
            _outgoing.Add(ClientCommands.History(id, subscription.Channel, since, CatchUp.PageSize));
        }
    }

    private void HandleHistory(uint id, in SubscribeResult page)
    {
        // The subscription has started again meanwhile: the page is ignored.
        if (!_reading.Remove(id, out var subscription) || subscription is not { CatchUp: { } catchUp, Position: { } position })
        {
            return;
        }
        if (FirstOffset(page.Publications) is var first && (first ?? catchUp.Target + 1) > position.Offset + 1)
        {
            SkipGap(subscription, position with { Offset = (first ?? catchUp.Target + 1) - 1 }, GapReason.Dropped);
        }
        catchUp.Count += DeliverAll(subscription, page.Publications);
        if (subscription.Position!.Value.Offset < catchUp.Target)
        {
            ReadNextPage(subscription);
            return;
        }
        subscription.EndCatchUp();
        ReportRecovered(subscription, catchUp.Count);
    }

    private void GiveUpHistory(Subscription subscription, string reason)
    {
        if (subscription is { CatchUp: { } catchUp, Position: { } position })
        {
            _reporter.WriteNotice($"The history of {subscription.Channel} cannot be read: {reason}");
            SkipGap(subscription, position with { Offset = catchUp.Target }, GapReason.Refused);
            subscription.EndCatchUp();
            ReportRecovered(subscription, catchUp.Count);
        }
    }

    private void SkipGap(Subscription subscription, StreamPosition next, GapReason reason)
    {
        var after = subscription.Position!.Value;
        subscription.SkipTo(next);
        // A stream that begins with the oldest message misses nothing.
        if (after.Offset > 0 || reason is GapReason.Refused)
        {
            var gap = new Gap(subscription.Channel, after, next, reason);
            ReportGap(gap, reason is GapReason.Dropped
                ? $"its history no longer contains {Messages(gap.Missed!.Value)} that you missed"
                : $"you missed {Messages(gap.Missed!.Value)}");
        }
    }

    private void ReportGap(Gap gap, string loss)
    {
        _reporter.WriteNotice($"Could not recover {gap.Channel}: {loss}");
        _sink.WriteGap(gap);
    }

    private void ReportRecovered(Subscription subscription, ulong count)
    {
        if (count > 0)
        {
            _reporter.WriteNotice($"Recovered {Messages(count)} of {subscription.Channel}");
        }
    }

    private static ulong? FirstOffset(ReadOnlySpan<byte> publications)
    {
        var reader = ServerMessageReader.ReadList(publications);
        var first = default(Publication);
        return ServerMessageReader.NextPublication(publications, ref reader, ref first) ? first.Offset : null;
    }

    private ulong DeliverAll(Subscription subscription, ReadOnlySpan<byte> publications)
    {
        var count = 0UL;
        var reader = ServerMessageReader.ReadList(publications);
        var publication = new Publication { Channel = subscription.Name };
        while (ServerMessageReader.NextPublication(publications, ref reader, ref publication))
        {
            Deliver(subscription, publication);
            count++;
            publication = new Publication { Channel = subscription.Name };
        }
        return count;
    }

    // Without a history the client cannot know whether it missed anything.
    private void ReportUnrecoverable()
    {
        var channels = _subscriptions.Wanted
            .Where(subscription => subscription is { WasAccepted: true, Position: null })
            .Select(subscription => subscription.Channel)
            .ToList();
        if (channels.Count > 0)
        {
            _reporter.WriteNotice($"No history to recover from: messages published meanwhile are lost for {string.Join(", ", channels)}");
        }
    }

    private static string Messages(ulong count) => count == 1 ? "1 message" : count.ToString(CultureInfo.InvariantCulture) + " messages";
}

using System.Globalization;

namespace ClawEvents.Cli.Streams;

// Recovers the messages of an interruption from the channel's history, and reports those that are lost.
internal sealed partial class SubscriptionSession
{
    private void RecoverMissed(Subscription subscription, in SubscribeResult result)
    {
        var before = subscription.Position;
        subscription.OnAccepted(result.Recoverable ? new StreamPosition(result.Epoch ?? "", result.Offset) : null);
        var count = DeliverMissed(subscription, result.Publications);
        if (before is not { } from)
        {
            return;
        }
        if (!result.Recovered)
        {
            _reporter.WriteNotice($"Could not recover {subscription.Channel}: {DescribeLoss(from, result)}");
        }
        else if (count > 0)
        {
            _reporter.WriteNotice($"Recovered {Messages((ulong)count)} of {subscription.Channel}");
        }
    }

    private int DeliverMissed(Subscription subscription, ReadOnlySpan<byte> publications)
    {
        var count = 0;
        var reader = ServerMessageReader.ReadList(publications);
        var publication = new Publication { Channel = subscription.Name };
        while (ServerMessageReader.NextPublication(publications, ref reader, ref publication))
        {
            _sink.Write(publication);
            subscription.AdvancePast(publication);
            count++;
            publication = new Publication { Channel = subscription.Name };
        }
        return count;
    }

    private static string DescribeLoss(StreamPosition from, in SubscribeResult result)
    {
        if (!result.Recoverable)
        {
            return "the channel no longer has a history";
        }
        return result.Epoch == from.Epoch && result.Offset > from.Offset
            ? $"its history no longer contains the {Messages(result.Offset - from.Offset)} that were missed"
            : "its history was reset";
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

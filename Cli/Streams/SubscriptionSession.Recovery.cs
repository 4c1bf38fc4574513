using System.Globalization;

namespace ClawEvents.Cli.Streams;

// What happens to the messages of an interruption: printed if the channel's history has them, and told if it has not.
internal sealed partial class SubscriptionSession
{
    private void GoOn(Subscription subscription, in SubscribeResult result)
    {
        var before = subscription.Position;
        subscription.Accept(result.Recoverable ? new StreamPosition(result.Epoch ?? "", result.Offset) : null);
        var count = DeliverMissed(subscription, result.Publications);
        if (before is not { } from)
        {
            return;
        }
        if (!result.Recovered)
        {
            _reporter.Notice($"Could not recover {subscription.Channel}: {DescribeLoss(from, result)}");
        }
        else if (count > 0)
        {
            _reporter.Notice($"Recovered {Messages((ulong)count)} of {subscription.Channel}");
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
            subscription.Advance(publication);
            count++;
            publication = new Publication { Channel = subscription.Name };
        }
        return count;
    }

    private static string DescribeLoss(StreamPosition from, in SubscribeResult result)
    {
        if (!result.Recoverable)
        {
            return "the channel has no history any more";
        }
        return result.Epoch == from.Epoch && result.Offset > from.Offset
            ? $"its history does not reach back over the {Messages(result.Offset - from.Offset)} that were missed"
            : "its history began anew";
    }

    // Whoever reconnects without a history cannot know whether there was anything to miss.
    private void ReportUnrecoverable()
    {
        var channels = _subscriptions.Wanted
            .Where(subscription => subscription is { WasAccepted: true, Position: null })
            .Select(subscription => subscription.Channel)
            .ToList();
        if (channels.Count > 0)
        {
            _reporter.Notice($"No history to recover from: what was published meanwhile is lost for {string.Join(", ", channels)}");
        }
    }

    private static string Messages(ulong count) => count == 1 ? "1 message" : count.ToString(CultureInfo.InvariantCulture) + " messages";
}

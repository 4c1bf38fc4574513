using ClawEvents.Cli.Streams.Durable;

namespace ClawEvents.Cli.Streams.Children;

// {"channel":<name>,"sender":<name>,"payload":<json>,"timestamp":<ms>}
// {"batch":true,"count":<n>,"messages":[<event>,…],"timestamp":<ms>}
/// <summary>The input of one child: an event, or a batch of events.</summary>
/// <param name="Json">One of the two forms above, UTF-8.</param>
/// <param name="Places">Of each message in it; at least one.</param>
/// <param name="IsBatch">Which of the two forms it has.</param>
/// <param name="Key">Events of the same key are handled one after another; null: beside all others.</param>
internal sealed record HandOver(byte[] Json, IReadOnlyList<MessagePlace> Places, bool IsBatch, string? Key = null)
{
    /// <summary>Messages in it.</summary>
    public int Count => Places.Count;
}

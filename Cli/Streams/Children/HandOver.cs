namespace ClawEvents.Cli.Streams.Children;

// {"channel":<name>,"sender":<name>,"payload":<json>,"timestamp":<ms>}
// {"batch":true,"count":<n>,"messages":[<event>,…],"timestamp":<ms>}
/// <summary>What one child gets: an event, or a batch of them.</summary>
/// <param name="Json">As above, UTF-8.</param>
/// <param name="Count">Messages in it.</param>
/// <param name="IsBatch">Which of the two forms it has.</param>
internal sealed record HandOver(byte[] Json, int Count, bool IsBatch);

namespace ClawEvents.Cli.Streams.Children;

// {"channel":<name>,"sender":<name>,"payload":<json>,"timestamp":<ms>}
// {"batch":true,"count":<n>,"messages":[<event>,…],"timestamp":<ms>}
/// <summary>The input of one child: an event, or a batch of events.</summary>
/// <param name="Json">One of the two forms above, UTF-8.</param>
/// <param name="Count">Messages in it.</param>
/// <param name="IsBatch">Which of the two forms it has.</param>
internal sealed record HandOver(byte[] Json, int Count, bool IsBatch);

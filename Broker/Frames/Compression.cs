namespace ClawEvents.Broker.Frames;

/// <summary>When a message is compressed, and how well.</summary>
/// <param name="FromBytes">Shorter messages are not compressed.</param>
/// <param name="Level">1, the fastest, to 9, the shortest.</param>
internal readonly record struct CompressionRule(int FromBytes, int Level = 1);

/// <summary>How messages to clients that offer compression are compressed. Immutable, and shared by everything that sends.</summary>
/// <param name="WebSocket">On the WebSocket.</param>
/// <param name="UniWebSocket">On the unidirectional one.</param>
internal sealed record Compression(CompressionRule WebSocket, CompressionRule UniWebSocket)
{
    /// <summary>Every message, at the fastest level.</summary>
    public static readonly Compression Usual = new(new(0), new(0));
}

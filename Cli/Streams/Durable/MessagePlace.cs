namespace ClawEvents.Cli.Streams.Durable;

/// <summary>The place of a message in the history of its channel.</summary>
/// <param name="Position">Its own offset; 0 if it is not stored.</param>
internal readonly record struct MessagePlace(string Channel, StreamPosition Position)
{
    /// <summary>Of a publication that has just been received: its subscription has moved to it.</summary>
    public static MessagePlace Of(Subscription subscription, in Publication publication) =>
        new(subscription.Channel, new(subscription.Position?.Epoch ?? "", publication.Offset));

    /// <summary>Whether it can be read again.</summary>
    public bool IsStored => Position.Offset > 0;
}

namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>One command of a client: an id, a kind, and the request of that kind. Its values are still the bytes of the message they came in.</summary>
/// <remarks>
/// Valid only as long as that message: the memory goes back to its pool when the message has been handled. A field that is missing or null is empty.
/// <para>
/// DESIGN: there is room for one request of each kind, as in the wire format, which lets a client put several into one command: only the one
/// of <see cref="Kind"/> counts. Values side by side cost no allocation, and readers fill them in place, hence the fields. That makes a command
/// large: it lives on the stack of the caller that reads it, and goes on by reference; a handler gets the id and its own request, which are small.
/// </para>
/// </remarks>
internal record struct Command(CommandKind Kind, uint Id)
{
    public ConnectCommand Connect;
    public SubscribeCommand Subscribe;
    public UnsubscribeCommand Unsubscribe;
    public PublishCommand Publish;
    public PresenceCommand Presence;
    public PresenceCommand PresenceStats;
    public HistoryCommand History;
    public RpcCommand Rpc;
    public SendCommand Send;
    public RefreshCommand Refresh;
    public SubRefreshCommand SubRefresh;

    /// <summary>False when a required id is missing: only a pong and a send have none.</summary>
    /// <remarks>A command without a request is a pong.</remarks>
    public readonly bool IsComplete => Kind switch
    {
        CommandKind.Pong => Id == 0,
        CommandKind.Send => true,
        _ => Id != 0,
    };

    /// <summary>Notes that a request of this kind was read: of several, the first in the protocol's order counts, wherever it stands.</summary>
    public void AddKind(CommandKind kind) => Kind = Kind is CommandKind.Pong || kind < Kind ? kind : Kind;
}

using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Commands.Maps;

/// <summary>The part of a subscribe to a map that is new with each page.</summary>
/// <param name="Id">Of the command.</param>
/// <param name="Phase">A <see cref="Protocol.MapPhase"/>. Any number may come.</param>
/// <param name="Since">The position that the client has.</param>
internal readonly record struct MapRequest(uint Id, int Phase, StreamPosition Since)
{
    public string Cursor { get; private init; } = "";

    /// <summary>Entries or changes of a page, within the limits of the channel.</summary>
    public int Limit { get; private init; }

    public bool Ascending { get; private init; }

    /// <summary>The client had the position before, and wants to go on from there.</summary>
    public bool Recover { get; private init; }

    /// <summary>Whether it asks for the next page, rather than for the first one.</summary>
    public static bool IsContinuation(in SubscribeCommand command) => !command.Page.Cursor.IsEmpty || command.Page.Phase != Protocol.MapPhase.State;

    public static MapRequest Of(uint id, in SubscribeCommand command, MapOptions options) =>
        new(id, command.Page.Phase, new(command.Wish.Offset, Encoding.UTF8.GetString(command.Wish.Epoch.Span)))
        {
            Cursor = Encoding.UTF8.GetString(command.Page.Cursor.Span),
            Limit = Math.Clamp(command.Page.Limit <= 0 ? options.DefaultPageSize : command.Page.Limit, options.MinPageSize, options.MaxPageSize),
            Ascending = command.Page.Ascending,
            Recover = command.Wish.Recover,
        };
}

using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Channels;

/// <summary>Answers questions about channels: the server, asked as a client or with its key. One question at a time.</summary>
internal interface IChannelDoor : IDisposable
{
    /// <summary>The id of the connection that asks, if it had to subscribe to get an answer and so is present itself; otherwise null.</summary>
    string? PresentAs { get; }

    /// <param name="method"><c>history</c>, <c>presence</c> or <c>presence_stats</c>: the results are the same through both doors.</param>
    /// <param name="parameters">Writes all members except <c>channel</c>; null for none.</param>
    Task<CommandAnswer> AskAsync(string method, string channel, WriteMembers? parameters = null);
}

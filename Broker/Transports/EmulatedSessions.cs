using System.Collections.Concurrent;

namespace ClawEvents.Broker.Transports;

/// <summary>The sessions of this node that <c>/emulation</c> serves. Thread-safe.</summary>
internal sealed class EmulatedSessions
{
    private readonly ConcurrentDictionary<string, EmulatedSession> _sessions = new(StringComparer.Ordinal);

    public void Add(EmulatedSession session) => _sessions[session.Id] = session;

    public void Remove(EmulatedSession session) => _sessions.TryRemove(session.Id, out _);

    /// <summary>Has a session of this node carry out a message. Does nothing for an unknown session.</summary>
    /// <param name="id">Not validated.</param>
    /// <param name="message">Not used after the task has completed.</param>
    public Task HandleAsync(string id, ReadOnlyMemory<byte> message) =>
        _sessions.TryGetValue(id, out var session) ? session.HandleAsync(message) : Task.CompletedTask;
}

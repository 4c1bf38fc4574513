using System.Text.Unicode;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Transports;

/// <summary>A connection whose client sends each message in an HTTP request. Messages are carried out one after another, in their order.</summary>
internal sealed class EmulatedSession(ClientConnection connection, IMessageHandler handler)
{
    /// <summary>The bytes that may wait; each message counts its length and <see cref="MessageCost"/>.</summary>
    public const int MaxWaitingBytes = 1024 * 1024;

    /// <summary>About the memory of a message's task.</summary>
    public const int MessageCost = 512;

    public string Id { get; } = connection.Session!;

    private readonly Lock _gate = new();

    // Under the gate.
    private Task _last = Task.CompletedTask;
    private int _waiting;
    private bool _isOver;

    /// <summary>Carries out a message after those before it. A client that sends faster than its messages can be carried out is disconnected.</summary>
    /// <param name="message">Not used after the task has completed.</param>
    /// <returns>A task that never fails.</returns>
    public Task HandleAsync(ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return Task.CompletedTask;
            }

            // A single message is accepted, however long the settings let it be.
            if (_waiting == 0 || _waiting + message.Length + MessageCost <= MaxWaitingBytes)
            {
                _waiting += message.Length + MessageCost;
                return _last = HandleAfterAsync(_last, message);
            }

            _isOver = true;
        }

        connection.Disconnect(DisconnectCode.TooManyRequests);
        return Task.CompletedTask;
    }

    /// <summary>Accepts no more messages, and completes when the current one has been carried out.</summary>
    public Task EndAsync()
    {
        lock (_gate)
        {
            _isOver = true;
            return _last;
        }
    }

    private async Task HandleAfterAsync(Task before, ReadOnlyMemory<byte> message)
    {
        // Never under the gate, which the caller holds.
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        connection.BeginTurn();
        try
        {
            await HandleNowAsync(message);
        }
        catch (Exception exception)
        {
            // A bug: it ends this connection only.
            connection.Fail(exception);
        }

        connection.Uncork();
        lock (_gate)
        {
            _waiting -= message.Length + MessageCost;
        }
    }

    private ValueTask HandleNowAsync(ReadOnlyMemory<byte> message)
    {
        if (connection.Codec.IsBinary || Utf8.IsValid(message.Span))
        {
            return handler.HandleAsync(connection, message);
        }

        connection.Disconnect(DisconnectCode.BadRequest);
        return ValueTask.CompletedTask;
    }
}

using System.Text.Unicode;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Transports;

/// <summary>A connection whose client speaks in requests of their own: its messages, one after another in the order in which they came.</summary>
internal sealed class EmulatedSession(ClientConnection connection, IMessageHandler handler)
{
    /// <summary>How much may wait to be carried out; each message counts for <see cref="MessageCost"/> more than it is long.</summary>
    public const int MaxWaitingBytes = 1024 * 1024;

    /// <summary>About what the task of a message takes.</summary>
    public const int MessageCost = 512;

    public string Id { get; } = connection.Session!;

    private readonly Lock _gate = new();

    // Under the gate.
    private Task _last = Task.CompletedTask;
    private int _waiting;
    private bool _isOver;

    /// <summary>Carries a message out, after those that came before it. A client that says more than can be carried out is disconnected.</summary>
    /// <param name="message">Not used after the task has completed.</param>
    /// <returns>Does not throw.</returns>
    public Task HandleAsync(ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return Task.CompletedTask;
            }

            // One message alone is taken, however long the settings let it be.
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

    /// <summary>Takes no more messages, and completes when none is being carried out any more.</summary>
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
        // Never under the gate, which whoever calls holds.
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        connection.Cork();
        try
        {
            await HandleNowAsync(message);
        }
        catch (Exception exception)
        {
            // A bug: it ends this connection, and no other.
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

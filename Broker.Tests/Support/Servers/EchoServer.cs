using Microsoft.AspNetCore.Connections;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Answers each connection of a listener with what it has sent, until the listener ends.</summary>
internal sealed class EchoServer
{
    private readonly List<Task> _serving = [];

    private EchoServer(IConnectionListener listener) => Ended = AcceptAllAsync(listener);

    /// <summary>Complete when the listener has ended, and all of its connections.</summary>
    public Task Ended { get; }

    public static EchoServer Start(IConnectionListener listener) => new(listener);

    private async Task AcceptAllAsync(IConnectionListener listener)
    {
        while (await listener.AcceptAsync() is { } connection)
        {
            _serving.Add(Task.Run(() => EchoAsync(connection)));
        }

        await Task.WhenAll(_serving);
    }

    private static async Task EchoAsync(ConnectionContext connection)
    {
        await using (connection)
        {
            try
            {
                await connection.Transport.Input.CopyToAsync(connection.Transport.Output);
            }
            catch (ConnectionResetException)
            {
                // Kestrel's sockets say so; reactors report an end.
            }
        }
    }
}

using System.Net.Sockets;
using System.Text;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Waits until the servers of a cluster have handed on to each other what was published so far: the next test that has them must not hear it.</summary>
internal static class ClusterBarrier
{
    public static async Task WaitAsync(IReadOnlyCollection<RunningRedis> primaries)
    {
        var name = $"barrier-{Guid.NewGuid():N}";
        var listeners = new List<StreamReader>();
        try
        {
            foreach (var primary in primaries)
            {
                listeners.Add(await ListenAsync(primary, name));
            }

            // Between two servers there is one connection, and so one order.
            foreach (var primary in primaries)
            {
                await primary.AskAsync("PUBLISH", name, "x");
            }

            await Task.WhenAll(listeners.Select(listener => ReadAsync(listener, "message", primaries.Count)));
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }

    private static async Task<StreamReader> ListenAsync(RunningRedis server, string name)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Endpoint.Host, server.Endpoint.Port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"SUBSCRIBE {name}\r\n"));
        var reader = new StreamReader(stream);
        await ReadAsync(reader, "subscribe", 1);
        return reader;
    }

    // The kind of each push is a line of its own.
    private static async Task ReadAsync(StreamReader reader, string kind, int count)
    {
        using var limit = new CancellationTokenSource(RunningBroker.Patience);
        while (count > 0 && await reader.ReadLineAsync(limit.Token) is { } line)
        {
            count -= line == kind ? 1 : 0;
        }
    }
}

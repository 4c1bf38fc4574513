using System.Net.Sockets;

namespace ClawEvents.Broker.Http;

/// <summary>Opens connections to servers.</summary>
internal static class SocketDial
{
    /// <param name="connect">Connects the socket to a server.</param>
    /// <returns>A stream that owns its socket, which sends without delay.</returns>
    /// <exception cref="SocketException">The server cannot be reached.</exception>
    public static async Task<Stream> OpenAsync(Func<Socket, ValueTask> connect)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await connect(socket);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

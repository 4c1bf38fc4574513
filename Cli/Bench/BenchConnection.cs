using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Bench;

/// <summary>A client of a benchmark could not begin, or its connection has ended. The message is for the user.</summary>
internal sealed class BenchFailedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Opens connections that have connected, and turns every end into one exception.</summary>
internal static class BenchConnection
{
    private const uint ConnectId = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <exception cref="BenchFailedException">The server cannot be reached, or refuses.</exception>
    public static async Task<MessageSocket> OpenAsync(Uri address, CertificateTrust trust, string? token, CancellationToken stop)
    {
        var socket = new MessageSocket(trust);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(Patience);
            await socket.ConnectAsync(address, limit.Token);
            await socket.SendAsync(ClientCommands.Connect(ConnectId, token), limit.Token);
            Check(await ReceiveAsync(socket, limit.Token), ServerMessageKind.ConnectReply, "connect");
            return socket;
        }
        catch (Exception exception)
        {
            socket.Dispose();
            throw exception is OperationCanceledException && !stop.IsCancellationRequested ? new BenchFailedException("The server does not answer", exception) : exception;
        }
    }

    /// <summary>Sends one command and waits for its reply; nothing else is under way.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public static async Task AskAsync(MessageSocket socket, byte[] command, ServerMessageKind reply, string name, CancellationToken stop)
    {
        await socket.SendAsync(command, stop);
        Check(await ReceiveAsync(socket, stop), reply, name);
    }

    /// <summary>The next line or lines of the server.</summary>
    /// <exception cref="BenchFailedException">The connection has ended.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(MessageSocket socket, CancellationToken stop)
    {
        try
        {
            return await socket.ReceiveAsync(stop) ?? throw new BenchFailedException(
                string.Create(CultureInfo.InvariantCulture, $"The server closed a connection: {socket.CloseCode} {socket.CloseReason}"));
        }
        catch (Exception exception) when (exception is WebSocketException or IOException)
        {
            throw new BenchFailedException($"A connection was lost: {ConnectFault.ReasonOf(exception)}", exception);
        }
    }

    private static void Check(ReadOnlyMemory<byte> lines, ServerMessageKind expected, string name)
    {
        try
        {
            var message = ServerMessageReader.Read(FirstLine(lines.Span));
            if (message.Kind != expected)
            {
                throw new BenchFailedException($"The server refuses to {name}: {message.Reason ?? "an unexpected reply"}");
            }
        }
        catch (JsonException exception)
        {
            throw new BenchFailedException("The answer is not one of this protocol; check the server's address", exception);
        }
    }

    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> lines) => lines.IndexOf((byte)'\n') is >= 0 and var end ? lines[..end] : lines;
}

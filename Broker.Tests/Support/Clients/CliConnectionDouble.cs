using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>The server's end of one WebSocket: the test controls its answers.</summary>
internal sealed class CliConnectionDouble(WebSocket socket)
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>Ends when the test is done with it.</summary>
    public Task Finished => _finished.Task;

    /// <summary>The client's close code, once a receive has returned null.</summary>
    public int? ClientCloseCode => (int?)socket.CloseStatus;

    /// <summary>The client's next message; null if it closed.</summary>
    public async Task<string?> ReceiveAsync(CancellationToken cancellation)
    {
        var received = await socket.ReceiveAsync(_buffer.AsMemory(), cancellation);
        return received.MessageType is WebSocketMessageType.Close ? null : Encoding.UTF8.GetString(_buffer, 0, received.Count);
    }

    public Task SendAsync(string text, CancellationToken cancellation) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, cancellation);

    /// <summary>One message in frames of one byte each.</summary>
    public async Task SendFragmentedAsync(string text, CancellationToken cancellation)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < bytes.Length; i++)
        {
            await socket.SendAsync(bytes.AsMemory(i, 1), WebSocketMessageType.Text, i == bytes.Length - 1, cancellation);
        }
    }

    /// <summary>Answers connect and one frame of subscribes, as a server without pings does.</summary>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="subscribed">The result of every subscribe.</param>
    /// <param name="connected">More members of the connect result, each with a comma before it.</param>
    /// <returns>The two messages of the client.</returns>
    public async Task<(string? Connect, string? Subscribe)> WelcomeAsync(
        CancellationToken cancellation, string subscribed = "{}", string connected = "")
    {
        var connect = await ReceiveAsync(cancellation);
        await SendAsync($$$"""{"id":1,"connect":{"client":"c","version":"v"{{{connected}}}}}""", cancellation);
        var subscribe = await ReceiveAsync(cancellation);
        var replies = subscribe!.Split('\n').Select((_, index) => $$$"""{"id":{{{index + 2}}},"subscribe":{{{subscribed}}}}""");
        await SendAsync(string.Join('\n', replies), cancellation);
        return (connect, subscribe);
    }

    /// <summary>Answers the connect and the one subscribe of a client that goes on from its place in a history, as if nothing were
    /// missed.</summary>
    /// <returns>That place.</returns>
    public async Task<int> WelcomeRecoveringAsync(CancellationToken cancellation)
    {
        await ReceiveAsync(cancellation);
        await SendAsync("""{"id":1,"connect":{"client":"c"}}""", cancellation);
        using var command = JsonDocument.Parse((await ReceiveAsync(cancellation))!);
        var subscribe = command.RootElement.GetProperty("subscribe");
        var offset = subscribe.GetProperty("offset").GetInt32();
        await SendAsync(
            $$$"""{"id":2,"subscribe":{"recoverable":true,"epoch":"{{{subscribe.GetProperty("epoch").GetString()}}}","recovered":true,"offset":{{{offset}}},"was_recovering":true}}""",
            cancellation);
        return offset;
    }

    /// <summary>Sends messages, numbered from 1, until the client leaves, which shows in different ways, depending on messages in flight.</summary>
    public async Task SendUntilLeftAsync(Func<int, string> message, int count, CancellationToken cancellation)
    {
        try
        {
            var left = ReceiveAsync(cancellation);
            for (var number = 1; number <= count && !left.IsCompleted; number++)
            {
                await SendAsync(message(number), cancellation);
            }
            await left;
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public async Task CloseAsync(int code, string reason, CancellationToken cancellation)
    {
        await socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, cancellation);
        _finished.TrySetResult();
    }

    /// <summary>Closes the connection without a close frame.</summary>
    public void Abort()
    {
        socket.Abort();
        _finished.TrySetResult();
    }
}

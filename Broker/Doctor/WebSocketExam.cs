using System.Net.WebSockets;
using System.Text;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Doctor;

/// <summary>Opens a WebSocket through the public address and keeps it silent.</summary>
internal sealed class WebSocketExam(Uri address, HttpMessageInvoker invoker, string? token, TimeSpan wait)
{
    private const string Check = "websocket";
    private const string IdleCheck = "websocket-idle";
    private const int BufferBytes = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="isOn">Whether the settings have this transport.</param>
    public async Task<IReadOnlyList<Finding>> RunAsync(bool isOn)
    {
        if (!isOn)
        {
            return [Finding.Skipped(Check, "off (WebSocket=false)")];
        }

        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.CollectHttpResponseDetails = true;
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await socket.ConnectAsync(new UriBuilder(address) { Scheme = address.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" }.Uri, invoker, limit.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            return [Refused(socket, exception)];
        }

        return [Finding.Ok(Check, "the upgrade comes through"), await WatchAsync(socket)];
    }

    private Finding Refused(ClientWebSocket socket, Exception exception)
    {
        var status = (int)socket.HttpStatusCode;
        var reason = status > 0 ? $"is answered with {status}" : $"fails: {LogText.Of(exception.Message)}";
        return status switch
        {
            401 or 403 => Finding.Fault(Check, $"the upgrade at {address.AbsolutePath} is refused with {status}", "let what is in front pass requests on without a login of its own"),
            503 => Finding.Fault(Check, $"the upgrade at {address.AbsolutePath} is refused with 503: no room", "raise MaxConnections or ConnectionsPerSecond, or the limits of what is in front"),
            _ => Finding.Fault(Check, $"the upgrade at {address.AbsolutePath} {reason}", "let what is in front pass upgrades on (nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";)"),
        };
    }

    private async Task<Finding> WatchAsync(ClientWebSocket socket)
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            await SendAsync(socket, $$"""{"id":1,"connect":{{FirstConnect.Request(token)}}}""", limit.Token);
            return await ReceiveAsync(socket, limit.Token) is { } reply && FirstConnect.PingIn(reply) is { } interval
                ? await WatchAsync(socket, new SilenceWatch(IdleCheck, "a WebSocket", interval, wait))
                : Finding.Skipped(IdleCheck, "the broker refuses this client, so it cannot stay: pass --token");
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            return Finding.Fault(IdleCheck, "no reply to the connect came through", "look into the logs of the broker and of what is in front");
        }
    }

    private static async Task<Finding> WatchAsync(ClientWebSocket socket, SilenceWatch watch)
    {
        if (watch.Refusal is { } refusal)
        {
            return refusal;
        }

        using var limit = new CancellationTokenSource(watch.Left);
        try
        {
            while (await ReceiveAsync(socket, limit.Token) is not null)
            {
                if (watch.OnPing() is { } finding)
                {
                    return finding;
                }

                await SendAsync(socket, "{}", limit.Token);
            }

            return watch.OnEnd();
        }
        catch (WebSocketException)
        {
            return watch.OnEnd();
        }
        catch (OperationCanceledException)
        {
            return watch.OnSilence();
        }
    }

    // Null at the end. A message that is longer than the buffer comes in parts, which nobody needs.
    private static async Task<string?> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellation);
        return received.MessageType is WebSocketMessageType.Close ? null : Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    private static Task SendAsync(ClientWebSocket socket, string text, CancellationToken cancellation) =>
        socket.SendAsync(new ArraySegment<byte>(Encoding.UTF8.GetBytes(text)), WebSocketMessageType.Text, endOfMessage: true, cancellation);
}

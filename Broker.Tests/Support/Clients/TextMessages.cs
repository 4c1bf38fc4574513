using System.Net.WebSockets;
using System.Text;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>Text messages over the framework's own client. Every wait has a bound, <see cref="RunningBroker.Patience"/>.</summary>
internal static class TextMessages
{
    private const int MaxBytes = 300_000;

    public static async Task<string> AskAsync(this ClientWebSocket client, string message)
    {
        await client.SendTextAsync(message);
        return await client.ReadTextAsync();
    }

    public static Task SendTextAsync(this ClientWebSocket client, string message) =>
        client.SendAsync(message.Utf8(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).WaitAsync(RunningBroker.Patience);

    public static async Task<string> ReadTextAsync(this ClientWebSocket client)
    {
        var bytes = new byte[MaxBytes];
        var length = 0;
        ValueWebSocketReceiveResult received;
        do
        {
            received = await client.ReceiveAsync(bytes.AsMemory(length), CancellationToken.None).AsTask().WaitAsync(RunningBroker.Patience);
            length += received.Count;
        }
        while (!received.EndOfMessage);
        return Encoding.UTF8.GetString(bytes, 0, length);
    }
}

using System.Text.Json;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Channels;

/// <summary>Asks as a client, over a connection that has connected. Some namespaces answer only subscribers: there it subscribes.</summary>
/// <param name="client">The id that the server gave the connection.</param>
internal sealed class ClientDoor(CommandConnection connection, string client) : IChannelDoor
{
    // How a refusal ends that a subscription may lift: our rule for it, and the whole message of servers without rules.
    private static readonly string[] ForSubscribers = ["not_subscribed", "permission denied"];

    public string? PresentAs { get; private set; }

    public async Task<CommandAnswer> AskAsync(string method, string channel, WriteMembers? parameters = null)
    {
        void WriteAll(Utf8JsonWriter json)
        {
            json.WriteString("channel"u8, channel);
            parameters?.Invoke(json);
        }

        var answer = await connection.AskAsync(method, WriteAll);
        if (PresentAs is null && answer.Error is { } error && ForSubscribers.Any(end => error.Message.EndsWith(end, StringComparison.Ordinal)) && await SubscribeAsync(channel))
        {
            PresentAs = client;
            answer = await connection.AskAsync(method, WriteAll);
        }
        return answer;
    }

    public void Dispose() => connection.Dispose();

    private async Task<bool> SubscribeAsync(string channel) =>
        (await connection.AskAsync("subscribe", json => json.WriteString("channel"u8, channel))).Result is not null;
}

using System.Text.Json;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Channels;

/// <summary>Asks with the key of the server API, to which every channel is open.</summary>
internal sealed class KeyDoor(ApiClient api, string key) : IChannelDoor
{
    public string? PresentAs => null;

    public async Task<CommandAnswer> AskAsync(string method, string channel, WriteMembers? parameters = null)
    {
        void WriteAll(Utf8JsonWriter json)
        {
            json.WriteString("channel"u8, channel);
            parameters?.Invoke(json);
        }

        return await ServerApi.CallAsync(api, method, key, "Failed to ask the server", WriteAll);
    }

    public void Dispose() => api.Dispose();
}

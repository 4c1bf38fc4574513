using System.Text.Json;
using ClawEvents.Cli.Http;

namespace ClawEvents.Cli.Streams.Durable;

/// <summary>A channel to which each message that was given up is published.</summary>
/// <param name="ask">Sends a request to the server's API.</param>
internal sealed class DeadLetterChannel(string channel, Func<ApiRequest, Task<ApiAnswer>> ask) : IDeadLetters
{
    public string Place => channel;

    public async Task<string?> KeepAsync(byte[] letter)
    {
        void WriteMessage(Utf8JsonWriter json)
        {
            json.WriteString("channel"u8, channel);
            json.WritePropertyName("payload"u8);
            json.WriteRawValue(letter, skipInputValidation: true);
        }

        var answer = await ask(
            ApiRequest.Writing(HttpMethod.Post, "/api/publish", "Failed to publish to channel", WriteMessage) with { Channel = channel });
        return answer.Failure is { } failure ? failure.Plain ?? failure.Error : null;
    }
}

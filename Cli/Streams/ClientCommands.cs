using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

/// <summary>The commands this client sends, as UTF-8 JSON.</summary>
internal static class ClientCommands
{
    public static readonly byte[] Pong = "{}"u8.ToArray();

    /// <summary><c>{"id":1,"connect":{"token":"…","name":"claw.events","version":"…"}}</c>, without token for an anonymous
    /// connection.</summary>
    public static byte[] Connect(uint id, string? token) => Command(id, "connect"u8, json =>
    {
        if (token is not null)
        {
            json.WriteString("token"u8, token);
        }
        json.WriteString("name"u8, "claw.events"u8);
        json.WriteString("version"u8, ProgramVersion.Text);
    });

    /// <summary><c>{"id":2,"subscribe":{"channel":"…"}}</c></summary>
    public static byte[] Subscribe(uint id, string channel) =>
        Command(id, "subscribe"u8, json => json.WriteString("channel"u8, channel));

    private static byte[] Command(uint id, ReadOnlySpan<byte> name, WriteMembers members)
    {
        // A span cannot be captured; the names are the protocol's own short words.
        var property = JsonEncodedText.Encode(name);
        return JsonText.Object(json =>
        {
            json.WriteNumber("id"u8, id);
            json.WriteStartObject(property);
            members(json);
            json.WriteEndObject();
        });
    }
}

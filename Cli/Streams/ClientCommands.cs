using System.Text;
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

    /// <summary><c>{"id":2,"subscribe":{"channel":"…","recoverable":true}}</c>, and to recover from a position in the channel's
    /// history <c>…,"recover":true,"epoch":"…","offset":7</c>.</summary>
    /// <remarks><c>recoverable</c> is a request, which servers ignore if the channel has no history.</remarks>
    public static byte[] Subscribe(uint id, string channel, StreamPosition? position) => Command(id, "subscribe"u8, json =>
    {
        json.WriteString("channel"u8, channel);
        json.WriteBoolean("recoverable"u8, true);
        if (position is { } from)
        {
            json.WriteBoolean("recover"u8, true);
            json.WriteString("epoch"u8, from.Epoch);
            json.WriteNumber("offset"u8, from.Offset);
        }
    });

    /// <summary><c>{"id":4,"history":{"channel":"…","limit":300,"since":{"epoch":"…","offset":7}}}</c>: the publications after a
    /// position, oldest first.</summary>
    public static byte[] History(uint id, string channel, StreamPosition since, int limit) => Command(id, "history"u8, json =>
    {
        json.WriteString("channel"u8, channel);
        json.WriteNumber("limit"u8, limit);
        json.WriteStartObject("since"u8);
        json.WriteString("epoch"u8, since.Epoch);
        json.WriteNumber("offset"u8, since.Offset);
        json.WriteEndObject();
    });

    /// <summary><c>{"id":5,"refresh":{"token":"…"}}</c></summary>
    public static byte[] Refresh(uint id, string token) =>
        Command(id, "refresh"u8, json => json.WriteString("token"u8, token));

    /// <summary><c>{"id":2,"history":{…}}</c></summary>
    public static byte[] Of(uint id, string name, WriteMembers members) => Command(id, Encoding.UTF8.GetBytes(name), members);

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

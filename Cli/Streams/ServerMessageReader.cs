using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

// What the server sends, one object per line:
//   {}                                                              ping
//   {"id":1,"connect":{…,"ping":25,"pong":true}}                    reply
//   {"id":2,"subscribe":{…}}                                        reply
//   {"id":2,"error":{"code":403,"message":"…","temporary":true}}    reply
//   {"push":{"channel":"…","pub":{"data":<json>,…}}}                publication
//   {"push":{"channel":"…","unsubscribe":{"code":2000,"reason":"…"}}}
/// <summary>Reads the server's messages; pure, members may come in any order.</summary>
internal static class ServerMessageReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonText.MaxDepth };

    /// <summary>Reads one line.</summary>
    /// <exception cref="JsonException">The line is not one JSON object of this protocol.</exception>
    /// <remarks>Hot path, once per publication: no allocation for publications and pings.</remarks>
    public static ServerMessage Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, Options);
        var message = default(ServerMessage);
        EnterObject(ref reader);
        var empty = true;
        while (NextMember(ref reader))
        {
            empty = false;
            ReadMember(ref reader, line, ref message);
        }
        if (empty)
        {
            message.Kind = ServerMessageKind.Ping;
        }
        return message;
    }

    private static void ReadMember(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, ref ServerMessage message)
    {
        if (reader.ValueTextEquals("push"u8))
        {
            ReadPush(ref reader, line, ref message);
        }
        else if (reader.ValueTextEquals("id"u8))
        {
            message.Id = ReadUInt32(ref reader);
        }
        else if (reader.ValueTextEquals("error"u8))
        {
            message.Kind = ServerMessageKind.ErrorReply;
            ReadCodeAndReason(ref reader, ref message);
        }
        else if (reader.ValueTextEquals("connect"u8))
        {
            message.Kind = ServerMessageKind.ConnectReply;
            ReadConnect(ref reader, ref message);
        }
        else
        {
            if (reader.ValueTextEquals("subscribe"u8))
            {
                message.Kind = ServerMessageKind.SubscribeReply;
            }
            SkipValue(ref reader);
        }
    }

    private static void ReadPush(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, ref ServerMessage message)
    {
        EnterObject(ref reader);
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("channel"u8))
            {
                message.Channel = RawValue(ref reader, line);
            }
            else if (reader.ValueTextEquals("pub"u8))
            {
                message.Kind = ServerMessageKind.Publication;
                ReadPublication(ref reader, line, ref message);
            }
            else if (reader.ValueTextEquals("unsubscribe"u8))
            {
                message.Kind = ServerMessageKind.Unsubscribe;
                ReadCodeAndReason(ref reader, ref message);
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }

    private static void ReadPublication(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, ref ServerMessage message)
    {
        EnterObject(ref reader);
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("data"u8))
            {
                message.Data = RawValue(ref reader, line);
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }

    private static void ReadConnect(ref Utf8JsonReader reader, ref ServerMessage message)
    {
        EnterObject(ref reader);
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("ping"u8))
            {
                message.PingSeconds = (int)Math.Min(ReadUInt32(ref reader), int.MaxValue);
            }
            else if (reader.ValueTextEquals("pong"u8))
            {
                message.Pong = ReadBoolean(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }

    private static void ReadCodeAndReason(ref Utf8JsonReader reader, ref ServerMessage message)
    {
        EnterObject(ref reader);
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("code"u8))
            {
                message.Code = ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("reason"u8))
            {
                reader.Read();
                message.Reason = reader.TokenType is JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("temporary"u8))
            {
                message.Temporary = ReadBoolean(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }

    /// <summary>The value after the member's name as it is written in the line, without blanks around it.</summary>
    public static ReadOnlySpan<byte> RawValue(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return line[start..(int)reader.BytesConsumed];
    }

    /// <summary>Steps to the next member's name; false at the object's end.</summary>
    public static bool NextMember(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType is JsonTokenType.PropertyName;

    /// <summary>Steps onto the opening brace.</summary>
    /// <exception cref="JsonException">The next value is something else.</exception>
    public static void EnterObject(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            throw new JsonException("an object was expected");
        }
    }

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    private static bool ReadBoolean(ref Utf8JsonReader reader)
    {
        var value = reader.Read() && reader.TokenType is JsonTokenType.True;
        reader.Skip();
        return value;
    }

    private static uint ReadUInt32(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType is JsonTokenType.Number && reader.TryGetUInt32(out var number)
            ? number
            : throw new JsonException("a whole number was expected");
    }
}

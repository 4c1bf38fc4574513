using System.Text.Json;
using ClawEvents.Cli.Output;
using static ClawEvents.Cli.Streams.JsonMembers;

namespace ClawEvents.Cli.Streams;

// Messages of the server, one object per line:
//   {}                                                              ping
//   {"id":1,"connect":{…,"expires":true,"ttl":600,"ping":25,"pong":true}}
//   {"id":2,"subscribe":{…}}                                        reply, see ServerMessageReader.Subscribe.cs
//   {"id":4,"history":{"publications":[{"data":<json>,"offset":1},…],"epoch":"…","offset":9}}
//   {"id":5,"refresh":{…,"expires":true,"ttl":600}}                 reply
//   {"id":2,"error":{"code":403,"message":"…","temporary":true}}    reply
//   {"push":{"channel":"…","pub":{"data":<json>,"offset":3,…}}}     publication
//   {"push":{"channel":"…","unsubscribe":{"code":2000,"reason":"…"}}}
//   {"push":{"refresh":{"expires":true,"ttl":600}}}
/// <summary>Reads the server's messages; pure, members may come in any order.</summary>
internal static partial class ServerMessageReader
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
            message.Id = (uint)ReadWhole(ref reader, uint.MaxValue);
        }
        else if (reader.ValueTextEquals("error"u8))
        {
            message.Kind = ServerMessageKind.ErrorReply;
            ReadCodeAndReason(ref reader, ref message);
        }
        else if (reader.ValueTextEquals("connect"u8))
        {
            message.Kind = ServerMessageKind.ConnectReply;
            ReadConnection(ref reader, ref message);
        }
        else if (reader.ValueTextEquals("subscribe"u8))
        {
            message.Kind = ServerMessageKind.SubscribeReply;
            ReadSubscribe(ref reader, line, ref message.Subscribed);
        }
        else if (reader.ValueTextEquals("history"u8))
        {
            message.Kind = ServerMessageKind.HistoryReply;
            ReadSubscribe(ref reader, line, ref message.Subscribed);
        }
        else if (reader.ValueTextEquals("refresh"u8))
        {
            message.Kind = ServerMessageKind.Refresh;
            ReadConnection(ref reader, ref message);
        }
        else
        {
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
                message.Publication.Channel = RawValue(ref reader, line);
            }
            else if (reader.ValueTextEquals("pub"u8))
            {
                message.Kind = ServerMessageKind.Publication;
                ReadPublication(ref reader, line, ref message.Publication);
            }
            else if (reader.ValueTextEquals("unsubscribe"u8))
            {
                message.Kind = ServerMessageKind.Unsubscribe;
                ReadCodeAndReason(ref reader, ref message);
            }
            else if (reader.ValueTextEquals("refresh"u8))
            {
                message.Kind = ServerMessageKind.Refresh;
                ReadConnection(ref reader, ref message);
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }

    private static void ReadPublication(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, ref Publication publication)
    {
        EnterObject(ref reader);
        ReadPublicationMembers(ref reader, line, ref publication);
    }

    private static void ReadPublicationMembers(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, ref Publication publication)
    {
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("data"u8))
            {
                publication.Envelope = Envelope.Read(ref reader, line);
            }
            else if (reader.ValueTextEquals("offset"u8))
            {
                publication.Offset = ReadWhole(ref reader, ulong.MaxValue);
            }
            else if (reader.ValueTextEquals("epoch"u8))
            {
                publication.Epoch = ReadText(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }

    private static void ReadConnection(ref Utf8JsonReader reader, ref ServerMessage message)
    {
        EnterObject(ref reader);
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("ping"u8))
            {
                message.PingSeconds = (int)ReadWhole(ref reader, int.MaxValue);
            }
            else if (reader.ValueTextEquals("pong"u8))
            {
                message.Pong = ReadBoolean(ref reader);
            }
            else if (reader.ValueTextEquals("ttl"u8))
            {
                message.TokenSeconds = (uint)ReadWhole(ref reader, uint.MaxValue);
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
                message.Code = (uint)ReadWhole(ref reader, uint.MaxValue);
            }
            else if (reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("reason"u8))
            {
                message.Reason = ReadText(ref reader);
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
}

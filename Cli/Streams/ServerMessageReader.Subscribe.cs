using System.Text.Json;
using static ClawEvents.Cli.Streams.JsonMembers;

namespace ClawEvents.Cli.Streams;

// {}                                                              no history
// {"recoverable":true,"epoch":"…","offset":9}                     subscribed from here on
// {…,"was_recovering":true,"recovered":true,"publications":[{"data":<json>,"offset":10},…]}
// {…,"was_recovering":true}                                       missed messages are lost
internal static partial class ServerMessageReader
{
    /// <summary>Steps to the next publication of <see cref="SubscribeResult.Publications"/>; false at the end.</summary>
    /// <param name="list">The raw list.</param>
    /// <param name="reader">Made over the list by <see cref="ReadList"/>; its position is the position in the list.</param>
    /// <param name="publication">Gets everything except the channel, which the list omits.</param>
    /// <exception cref="JsonException">The next item is not a publication.</exception>
    public static bool NextPublication(ReadOnlySpan<byte> list, ref Utf8JsonReader reader, ref Publication publication)
    {
        if (!reader.Read() || reader.TokenType is JsonTokenType.EndArray)
        {
            return false;
        }
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            throw new JsonException("a publication was expected");
        }
        ReadPublicationMembers(ref reader, list, ref publication);
        return true;
    }

    /// <summary>A reader within the list, before its first item; at the end if there is no list.</summary>
    public static Utf8JsonReader ReadList(ReadOnlySpan<byte> list)
    {
        var reader = new Utf8JsonReader(list.IsEmpty ? "[]"u8 : list, Options);
        reader.Read();
        return reader.TokenType is JsonTokenType.StartArray ? reader : throw new JsonException("a list was expected");
    }

    private static void ReadSubscribe(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, ref SubscribeResult result)
    {
        EnterObject(ref reader);
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("recoverable"u8))
            {
                result.Recoverable = ReadBoolean(ref reader);
            }
            else if (reader.ValueTextEquals("epoch"u8))
            {
                result.Epoch = ReadText(ref reader);
            }
            else if (reader.ValueTextEquals("offset"u8))
            {
                result.Offset = ReadWhole(ref reader, ulong.MaxValue);
            }
            else if (reader.ValueTextEquals("was_recovering"u8))
            {
                result.WasRecovering = ReadBoolean(ref reader);
            }
            else if (reader.ValueTextEquals("recovered"u8))
            {
                result.Recovered = ReadBoolean(ref reader);
            }
            else if (reader.ValueTextEquals("publications"u8))
            {
                var list = RawValue(ref reader, line);
                result.Publications = list is [(byte)'[', ..] ? list : default;
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }
}

using System.Buffers;

namespace ClawEvents.Broker.Protocol;

/// <summary>Writes replies of the JSON protocol: the answer to one command, with its id.</summary>
/// <remarks>docs/reference/protocol.md#replies. Zero fields are left out; an empty result stays as <c>{}</c> under its name.</remarks>
internal static class ReplyWriter
{
    public static void WriteConnected(IBufferWriter<byte> output, uint id, in ConnectResult result)
    {
        WriteStart(output, id);
        output.Write(",\"connect\":{\"client\":"u8);
        output.WriteQuoted(result.Client);
        output.Write(",\"version\":"u8);
        output.WriteQuotedAscii(result.Version);
        WriteExpiry(output, result.TimeToLiveSeconds);
        if (result.PingSeconds > 0)
        {
            output.Write(",\"ping\":"u8);
            output.WriteNumber(result.PingSeconds);
            output.Write(",\"pong\":true"u8);
        }

        output.Write("}}"u8);
    }

    public static void WriteRefreshed(IBufferWriter<byte> output, uint id, in ConnectResult result)
    {
        WriteStart(output, id);
        output.Write(",\"refresh\":{\"client\":"u8);
        output.WriteQuoted(result.Client);
        output.Write(",\"version\":"u8);
        output.WriteQuotedAscii(result.Version);
        WriteExpiry(output, result.TimeToLiveSeconds);
        output.Write("}}"u8);
    }

    /// <param name="wasRecovering">The client asked for its missed publications; no channel has any to give, which it learns from this.</param>
    public static void WriteSubscribed(IBufferWriter<byte> output, uint id, bool wasRecovering)
    {
        WriteStart(output, id);
        output.Write(wasRecovering ? ",\"subscribe\":{\"was_recovering\":true}}"u8 : ",\"subscribe\":{}}"u8);
    }

    public static void WriteUnsubscribed(IBufferWriter<byte> output, uint id)
    {
        WriteStart(output, id);
        output.Write(",\"unsubscribe\":{}}"u8);
    }

    public static void WritePublished(IBufferWriter<byte> output, uint id)
    {
        WriteStart(output, id);
        output.Write(",\"publish\":{}}"u8);
    }

    public static void WriteError(IBufferWriter<byte> output, uint id, ErrorCode error)
    {
        WriteStart(output, id);
        output.Write(",\"error\":"u8);
        WriteErrorObject(output, error);
        output.Write("}"u8);
    }

    /// <summary>Writes <c>{"code":C,"message":TEXT}</c>, which the replies of both protocols carry.</summary>
    public static void WriteErrorObject(IBufferWriter<byte> output, ErrorCode error)
    {
        output.Write("{\"code\":"u8);
        output.WriteNumber(error.Code);
        output.Write(",\"message\":"u8);
        output.WriteQuotedAscii(error.Message);
        output.Write(error.Temporary ? ",\"temporary\":true}"u8 : "}"u8);
    }

    private static void WriteStart(IBufferWriter<byte> output, uint id)
    {
        output.Write("{\"id\":"u8);
        output.WriteNumber(id);
    }

    private static void WriteExpiry(IBufferWriter<byte> output, long timeToLiveSeconds)
    {
        if (timeToLiveSeconds <= 0)
        {
            return;
        }

        output.Write(",\"expires\":true,\"ttl\":"u8);
        output.WriteNumber(timeToLiveSeconds);
    }
}

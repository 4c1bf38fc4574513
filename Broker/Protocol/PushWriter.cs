using System.Buffers;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Protocol;

/// <summary>Writes pushes of the JSON protocol: what the broker says without having been asked.</summary>
/// <remarks>docs/reference/protocol.md#pushes. Pure and thread-safe.</remarks>
internal static class PushWriter
{
    /// <summary>The broker's ping, an empty reply; the client answers with an empty command.</summary>
    public static ReadOnlySpan<byte> Ping => "{}"u8;

    // {"push":{"channel":NAME,"pub":{"data":JSON,"info":{"user":NAME,"client":UUID}}}}
    public static void WritePublication(IBufferWriter<byte> output, ChannelName channel, in Publication publication)
    {
        WriteStart(output, channel);
        output.Write(",\"pub\":{\"data\":"u8);
        output.WritePayload(publication.Data);
        if (publication.Publisher is { } publisher)
        {
            output.Write(",\"info\":{\"user\":"u8);
            output.Write(publisher.JsonName);
            output.Write(",\"client\":"u8);
            output.WriteQuoted(publication.Client);
            output.Write("}"u8);
        }

        output.Write("}}}"u8);
    }

    // {"push":{"channel":NAME,"unsubscribe":{"code":N,"reason":TEXT}}}
    public static void WriteUnsubscribe(IBufferWriter<byte> output, ChannelName channel, UnsubscribeCode code)
    {
        WriteStart(output, channel);
        output.Write(",\"unsubscribe\":{\"code\":"u8);
        output.WriteNumber(code.Code);
        output.Write(",\"reason\":"u8);
        output.WriteQuotedAscii(code.Reason);
        output.Write("}}}"u8);
    }

    private static void WriteStart(IBufferWriter<byte> output, ChannelName channel)
    {
        output.Write("{\"push\":{\"channel\":"u8);
        output.Write(channel.JsonName);
    }
}

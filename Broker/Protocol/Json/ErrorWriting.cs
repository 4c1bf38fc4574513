using System.Buffers;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Writes errors in the JSON of the client protocol and the server API.</summary>
internal static class ErrorWriting
{
    /// <summary>Writes <c>{"code":C,"message":TEXT}</c>, which replies to commands and to calls of the server API carry.</summary>
    public static void WriteError(this IBufferWriter<byte> output, ErrorCode error)
    {
        output.Write("{\"code\":"u8);
        output.WriteNumber(error.Code);
        output.Write(",\"message\":"u8);
        output.WriteString(error.Message);
        output.Write(error.Temporary ? ",\"temporary\":true}"u8 : "}"u8);
    }
}

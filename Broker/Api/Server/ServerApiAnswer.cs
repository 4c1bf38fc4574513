using System.Buffers;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Json;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Api.Server;

/// <summary>The answer to a call: an error, or a result.</summary>
/// <param name="Error">Null: there is a result.</param>
/// <param name="Result">Null: an empty one, or none.</param>
internal readonly record struct ServerApiAnswer(ErrorCode? Error, ServerApiResult? Result)
{
    /// <summary>An empty result.</summary>
    public static ServerApiAnswer Done { get; }

    public static implicit operator ServerApiAnswer(ErrorCode error) => new(error, null);

    public static implicit operator ServerApiAnswer(ServerApiResult result) => new(null, result);

    /// <summary>The answer to a call with a missing or invalid field.</summary>
    /// <param name="fault">The rule that the call breaks.</param>
    public static ServerApiAnswer BadRequest(string fault) => ErrorCode.BadRequest.Because($"bad request: {fault}");

    /// <summary>Writes <c>"error":…</c> or <c>"result":…</c>, with another name if one is given.</summary>
    /// <param name="output">Within an object.</param>
    /// <param name="name">The name of a result.</param>
    public void WriteNamed(IBufferWriter<byte> output, string name)
    {
        output.WriteString(Error is null ? name : "error");
        output.Write(":"u8);
        WriteValue(output);
    }

    /// <summary>Writes the error or the result itself.</summary>
    public void WriteValue(IBufferWriter<byte> output)
    {
        if (Error is { } error)
        {
            output.WriteError(error);
        }
        else if (Result is { } result)
        {
            result.WriteJson(output);
        }
        else
        {
            output.Write("{}"u8);
        }
    }
}

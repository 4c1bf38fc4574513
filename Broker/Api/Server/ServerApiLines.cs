using System.Buffers;
using System.Text.Json;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Api.Server;

/// <summary>The older form: one call per line of the body, <c>{"id":N,"method":NAME,"params":{…}}</c>, and an answer in a line for each.</summary>
internal sealed class ServerApiLines(ServerApiMethods methods)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = ProtocolLimits.MaxJsonDepth, AllowMultipleValues = true };

    private static readonly ServerApiCall BadParameters = () => new(ErrorCode.BadRequest);

    /// <summary>Carries out the calls in order.</summary>
    /// <returns>False when any of them is malformed: then none has been carried out.</returns>
    public async ValueTask<bool> TryRunAsync(ReadOnlyMemory<byte> body, IBufferWriter<byte> output)
    {
        if (!TryReadAll(body.Span, out var calls))
        {
            return false;
        }

        for (var i = 0; i < calls.Count; i++)
        {
            var (id, call) = calls[i];
            var answer = await (calls.Count == 1 ? call() : ServerApiMethods.TryAsync(call));
            output.Write(i == 0 ? "{"u8 : "\n{"u8);
            if (id != 0)
            {
                output.Write("\"id\":"u8);
                output.WriteNumber(id);
                output.Write(","u8);
            }

            answer.WriteNamed(output, "result");
            output.Write("}"u8);
        }

        return calls.Count > 0;
    }

    private bool TryReadAll(ReadOnlySpan<byte> body, out List<(ulong Id, ServerApiCall Call)> calls)
    {
        calls = [];
        try
        {
            return TryRead(body, calls);
        }
        catch (JsonException)
        {
            // Not JSON; the caller answers 400.
            return false;
        }
    }

    private bool TryRead(ReadOnlySpan<byte> body, List<(ulong Id, ServerApiCall Call)> calls)
    {
        var reader = new Utf8JsonReader(body, Options);
        while (reader.Read())
        {
            using var document = JsonDocument.ParseValue(ref reader);
            var fields = new JsonFields(document.RootElement);
            var id = fields.WholeNumber("id");
            if (fields.IsMalformed || id > uint.MaxValue || Find(fields) is not { } method)
            {
                return false;
            }

            calls.Add((id, Prepare(method, fields)));
        }

        return true;
    }

    private ServerApiMethod? Find(JsonFields fields)
    {
        var name = fields.Value("method") is { ValueKind: JsonValueKind.Number } number
            ? number.TryGetInt32(out var place) ? ServerApiMethods.NameOf(place) : null
            : fields.Text("method");
        return name is not null && methods.TryFind(name, out var method) ? method : null;
    }

    // Wrong parameters are an error of their call alone.
    private static ServerApiCall Prepare(ServerApiMethod method, JsonFields fields)
    {
        var parameters = new JsonFields(fields.Value("params") ?? JsonFields.Nothing);
        var call = method(parameters);
        return parameters.IsMalformed ? BadParameters : call;
    }
}

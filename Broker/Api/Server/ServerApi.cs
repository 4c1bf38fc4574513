using System.Buffers;
using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Api.Server;

/// <summary>
/// Centrifugo's server API, for back ends with the key: <c>POST /api/METHOD</c>, and in the older form <c>POST /api</c>.
/// docs/reference/server-api.md
/// </summary>
/// <remarks>Errors that a caller can cause are HTTP 200 with an <c>error</c> object, unless it asks for transport errors; malformed JSON is a 400.</remarks>
internal sealed class ServerApi(ServerApiKey key, ServerApiBatch batch, ServerApiLines lines, ApiOptions options, BrokerMetrics metrics)
{
    private const string ErrorModeHeader = "X-Centrifugo-Error-Mode";
    private const string TransportMode = "transport";

    // Most answers are {"result":{}}.
    private const int FirstReplyBytes = 64;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ProtocolLimits.MaxJsonDepth };

    /// <summary>Carries out the calls in a body and writes the answer.</summary>
    /// <returns>The HTTP status.</returns>
    private delegate ValueTask<int> Run(ReadOnlyMemory<byte> body, IBufferWriter<byte> output);

    /// <summary>Answers one call of <c>/api/METHOD</c>, whose body holds the parameters.</summary>
    public Task HandleMethodAsync(HttpContext context, ServerApiMethod method)
    {
        var isTransport = options.ServerApiErrorsAreStatuses || context.Request.Headers[ErrorModeHeader] == TransportMode;
        return HandleAsync(context, (body, output) => CallAsync(method, body, output, isTransport));
    }

    /// <summary>Answers several calls in one.</summary>
    public Task HandleBatchAsync(HttpContext context) => HandleAsync(context, async (body, output) =>
    {
        using var document = TryParse(body);
        return StatusOf(document is not null && await batch.TryRunAsync(JsonFields.OfBody(document), output));
    });

    /// <summary>Answers the calls of <c>/api</c>: as many lines as there were.</summary>
    public Task HandleLinesAsync(HttpContext context) => HandleAsync(context, async (body, output) => StatusOf(await lines.TryRunAsync(body, output)));

    private async Task HandleAsync(HttpContext context, Run run)
    {
        if (!key.IsRight(context.Request))
        {
            metrics.AuthenticationFailed("server_api", "wrong_key");
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        using var body = await RequestBody.ReadAsync(context.Request);
        var output = new ArrayBufferWriter<byte>(FirstReplyBytes);
        context.Response.StatusCode = body.IsText ? await run(body.Bytes, output) : StatusCodes.Status400BadRequest;
        if (output.WrittenCount > 0)
        {
            await ApiResponse.WriteAsync(context.Response, output.WrittenMemory);
            return;
        }

        context.Response.ContentType = "text/plain";
        await context.Response.WriteAsync("Bad Request");
    }

    private static JsonDocument? TryParse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, Options);
        }
        catch (JsonException)
        {
            // Not JSON, or nested too deep; the caller answers 400.
            return null;
        }
    }

    private static async ValueTask<int> CallAsync(ServerApiMethod method, ReadOnlyMemory<byte> body, IBufferWriter<byte> output, bool isTransport)
    {
        using var document = TryParse(body);
        if (document is null || Read(method, document) is not { } call)
        {
            return StatusCodes.Status400BadRequest;
        }

        var answer = await call();
        if (answer.Error is { } error && isTransport)
        {
            answer.WriteValue(output);
            return StatusOf(error);
        }

        output.Write("{"u8);
        answer.WriteNamed(output, "result");
        output.Write("}"u8);
        return StatusCodes.Status200OK;
    }

    private static ServerApiCall? Read(ServerApiMethod method, JsonDocument document)
    {
        var fields = JsonFields.OfBody(document);
        var call = method(fields);
        return fields.IsMalformed ? null : call;
    }

    private static int StatusOf(bool isRead) => isRead ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;

    private static int StatusOf(ErrorCode error) => error.Code switch
    {
        102 or 104 => StatusCodes.Status404NotFound,
        107 or 108 => StatusCodes.Status400BadRequest,
        112 => StatusCodes.Status416RangeNotSatisfiable,
        _ => StatusCodes.Status500InternalServerError,
    };
}

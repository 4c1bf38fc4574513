using System.Buffers;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api;

/// <summary>
/// Centrifugo's server API, for back ends with the key: <c>POST /api</c> with <c>{"method","params"}</c>, one or more, a line each,
/// and <c>POST /api/METHOD</c>. docs/reference/server-api.md
/// </summary>
/// <remarks>Errors a caller can cause are HTTP 200 with an <c>error</c> object, as Centrifugo answers; malformed JSON is a 400.</remarks>
internal sealed class ServerApi(ServerApiKey key, ServerApiMethods methods)
{
    // Most answers are {"result":{}}.
    private const int FirstReplyBytes = 64;

    /// <summary>Answers one call of <c>/api/METHOD</c>, whose body are the parameters.</summary>
    public Task HandleMethodAsync(HttpContext context, string method) =>
        HandleAsync(context, async (body, replies) => await methods.CallAsync(new ServerApiCall(0, method, body), replies) is CallStatus.Done);

    /// <summary>Answers the calls of <c>/api</c>: as many lines as there were.</summary>
    public Task HandleLinesAsync(HttpContext context) => HandleAsync(context, TryCallLinesAsync);

    private async Task HandleAsync(HttpContext context, Func<ReadOnlyMemory<byte>, ArrayBufferWriter<byte>, ValueTask<bool>> tryCallAsync)
    {
        if (!key.IsRight(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        using var body = await RequestBody.ReadAsync(context.Request);
        var replies = new ArrayBufferWriter<byte>(FirstReplyBytes);
        if (body.IsText && await tryCallAsync(body.Bytes, replies))
        {
            await ApiResponse.WriteAsync(context.Response, replies.WrittenMemory);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain";
        await context.Response.WriteAsync("Bad Request");
    }

    private async ValueTask<bool> TryCallLinesAsync(ReadOnlyMemory<byte> rest, ArrayBufferWriter<byte> replies)
    {
        while (MessageSplitter.TryNext(ref rest, out var line))
        {
            if (replies.WrittenCount > 0)
            {
                replies.Write("\n"u8);
            }

            if (!ServerApiCall.TryRead(line, out var call) || await methods.CallAsync(call, replies) is not CallStatus.Done)
            {
                return false;
            }
        }

        return replies.WrittenCount > 0;
    }
}

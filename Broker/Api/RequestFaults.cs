using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Api;

/// <summary>Answers for endpoints: unknown paths, requests that break a limit of HTTP, an unavailable store, and faults of the broker.</summary>
internal sealed partial class RequestFaults(RequestDelegate next, ILogger<RequestFaults> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            // A message of the server itself: body too large, or broken framing.
            await new ApiError(exception.StatusCode, exception.Message).WriteAsync(context.Response);
        }
        catch (StoreUnavailableException exception) when (!context.Response.HasStarted)
        {
            // Logged by the store: once, not for each request.
            await new ApiError(StatusCodes.Status503ServiceUnavailable, $"{exception.Problem}, try again later").WriteAsync(context.Response);
        }
        catch (Exception exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            Log.RequestFailed(logger, exception, context.Request.Method, context.Request.Path);
            await new ApiError(StatusCodes.Status500InternalServerError, "internal server error").WriteAsync(context.Response);
        }

        await AnswerUnknownAsync(context.Request, context.Response);
    }

    // Clients of claw.events get one answer to an unknown path and a wrong method. Those of the server API tell the two apart by the status.
    private static async Task AnswerUnknownAsync(HttpRequest request, HttpResponse response)
    {
        var isUnknown = response.StatusCode == StatusCodes.Status404NotFound
            || (response.StatusCode == StatusCodes.Status405MethodNotAllowed && !ApiDoors.IsServerPath(request.Path));
        if (isUnknown && !response.HasStarted)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            response.ContentType = "text/plain";
            await response.WriteAsync("404 Not Found");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed.")]
        public static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);
    }
}

using ClawEvents.Broker.Api.Server;

namespace ClawEvents.Broker.Api.Admin;

/// <summary>Lets operators in: with the key of the server API, or from the console.</summary>
internal sealed class OperatorDoor(ServerApiKey key)
{
    private static readonly ApiError NoKey = ApiError.Unauthorized("the key of the server API is missing or wrong: send X-API-Key");

    /// <summary>Runs a handler for operators; others get a 401.</summary>
    public RequestDelegate Guard(RequestDelegate answer) => context => key.IsRight(context.Request) ? answer(context) : NoKey.WriteAsync(context.Response);
}

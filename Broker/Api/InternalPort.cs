using ClawEvents.Broker.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ClawEvents.Broker.Api;

/// <summary>
/// Where operators are answered: on the port of <c>InternalPort</c> if there is one, and nowhere else then; otherwise on the one port. Strangers
/// get a 404 for what is not for them.
/// </summary>
internal sealed class InternalPort(BrokerOptions options)
{
    /// <summary>Has every request that comes over this listener count as one of an operator.</summary>
    public static void Mark(ListenOptions listen) => listen.Use(next => context =>
    {
        context.Features.Set(Arrival.Internal);
        return next(context);
    });

    /// <summary>Whether the request came where operators are answered.</summary>
    public bool IsReached(HttpContext context) =>
        options.Operations.InternalPort is null || context.Features.Get<Arrival>() is not null;

    /// <summary>The same for the server API, which may be left open on both ports.</summary>
    public bool IsReachedForServerApi(HttpContext context) => options.Operations.IsServerApiExternal || IsReached(context);

    /// <summary>Answers those who came the right way.</summary>
    public RequestDelegate Guard(RequestDelegate answer) => context =>
    {
        if (IsReached(context))
        {
            return answer(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    };

    /// <summary>A feature of the connection, which the requests over it inherit.</summary>
    private sealed class Arrival
    {
        public static Arrival Internal { get; } = new();
    }
}

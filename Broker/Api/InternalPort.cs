using ClawEvents.Broker.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ClawEvents.Broker.Api;

/// <summary>
/// The port for operators: <c>InternalPort</c>, if there is one, and then no other; otherwise the public port. Requests to operators' paths on
/// another port get a 404.
/// </summary>
internal sealed class InternalPort(ListenerOptions listeners, ApiOptions options)
{
    /// <summary>Marks every request over this listener as one of an operator.</summary>
    public static void MarkConnections(ListenOptions listen) => listen.Use(next => context =>
    {
        context.Features.Set(Arrival.Internal);
        return next(context);
    });

    /// <summary>Whether the request came over the port for operators.</summary>
    public bool IsReached(HttpContext context) =>
        listeners.InternalPort is null || IsInternal(context);

    /// <summary>The same for the server API, which may be left open on both ports.</summary>
    public bool IsReachedForServerApi(HttpContext context) => options.IsServerApiExternal || IsReached(context);

    /// <summary>The same for the console.</summary>
    public bool IsReachedForConsole(HttpContext context) => options.IsAdminExternal || IsReached(context);

    /// <summary>Whether there is a port for operators alone, and the request came over it.</summary>
    public static bool IsInternal(HttpContext context) => context.Features.Get<Arrival>() is not null;

    /// <summary>Runs a handler only for requests over the port for operators.</summary>
    public RequestDelegate Guard(RequestDelegate answer) => Guard(answer, IsReached);

    /// <summary>The same for the console.</summary>
    public RequestDelegate GuardConsole(RequestDelegate answer) => Guard(answer, IsReachedForConsole);

    /// <summary>Runs a handler only for some requests; others get a 404.</summary>
    public static RequestDelegate Guard(RequestDelegate answer, Func<HttpContext, bool> isOpen) => context =>
    {
        if (isOpen(context))
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

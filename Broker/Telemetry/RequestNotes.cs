namespace ClawEvents.Broker.Telemetry;

/// <summary>What an endpoint knows of a request and its line in the access log should have. A feature of requests that are logged; others have none.</summary>
internal sealed class RequestNotes
{
    /// <inheritdoc cref="AccessEntry.User"/>
    public string? User { get; private set; }

    /// <summary>Of the client's connection that the request has opened.</summary>
    public Guid? ConnectionId { get; private set; }

    /// <summary>Notes who sent the request.</summary>
    public static void SetUser(HttpContext context, string user) => context.Features.Get<RequestNotes>()?.User = user;

    /// <summary>Notes the connection that has lived in the request.</summary>
    /// <param name="user">Empty: anonymous.</param>
    public static void SetConnection(HttpContext context, Guid id, string user)
    {
        if (context.Features.Get<RequestNotes>() is { } notes)
        {
            (notes.ConnectionId, notes.User) = (id, user);
        }
    }
}

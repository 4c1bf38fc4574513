using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Transports;

/// <summary><c>POST /emulation</c>: the commands of a client whose connection is a stream from the broker. docs/reference/transports.md#emulation</summary>
internal sealed class EmulationEndpoint(TransportSettings transports, ConnectionOptions options, EmulatedSessions sessions, IEmulationRelay relay, NodeIdentity node, OriginPolicy origins)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        if (!StreamKind.All.Any(kind => kind.Text.IsEmulated && kind.IsOn(transports)))
        {
            return;
        }

        endpoints.MapPost(transports.Paths.Emulation, (RequestDelegate)HandleAsync).Describe(new("WebSocket", "Send commands over a stream (docs/reference/transports.md)")
        {
            Body = [ApiField.Text("session", "of the connect reply"), ApiField.Text("node", "of the connect reply"), ApiField.Text("data", "commands, one per line")],
            Status = StatusCodes.Status204NoContent,
            Refusals = [StatusCodes.Status404NotFound],
        });
        endpoints.MapOtherMethods(transports.Paths.Emulation, origins, HttpMethods.Post, "POST the client's commands here");
    }

    // 204 also for a session that has ended: the client sees that on its stream.
    private async Task HandleAsync(HttpContext context)
    {
        CrossOrigin.AllowOrigin(context, origins);
        using var body = await context.Request.ReadBodyAsync(transports.EmulationMaxBytes ?? options.MaxMessageBytes);
        var codec = context.Request.IsBinary() ? MessageCodec.Protobuf : MessageCodec.Json;
        if (!codec.TryReadEmulationRequest(body.Bytes, out var request))
        {
            await context.Response.RefuseAsync(StatusCodes.Status400BadRequest, "the body must be an object with session, node and data");
        }
        else if (request.Node == node.Name)
        {
            await sessions.HandleAsync(request.Session, request.Data);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            context.Response.StatusCode = await relay.TryRelayAsync(request) ? StatusCodes.Status204NoContent : StatusCodes.Status404NotFound;
        }
    }
}

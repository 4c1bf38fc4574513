using System.Text;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Proxies;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ClawEvents.Broker.Transports;

/// <summary>The transports that are an endless HTTP response: HTTP-streaming and server-sent events, bidirectional or unidirectional. docs/reference/transports.md</summary>
/// <remarks>
/// DESIGN. Frames go straight into the response's pipe, as those of a WebSocket go into the transport's: the same queue, the same limit for slow
/// clients. The client's commands come to <see cref="EmulationEndpoint"/>, with the session of the connect reply; the first message is in the request.
/// </remarks>
internal sealed class StreamEndpoint(ConnectionServices services, StreamOpening opening, ConnectionLimits limits, TrustedProxies proxies, OriginPolicy origins)
{
    private const string ConnectParameter = "cf_connect";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var kind in StreamKind.All)
        {
            var (path, usual) = (kind.Path(services.Transports.Paths), kind.Path(new TransportPaths()));
            if (kind.IsOn(services.Transports))
            {
                Map(endpoints, kind, path);
            }

            // The broker's own calls know this path only, and need the transport when strangers may not have it, too.
            if (!kind.IsOn(services.Transports) || path != usual)
            {
                endpoints.MapPost(usual, (RequestDelegate)(context => HandleInnerAsync(context, kind)));
            }
        }
    }

    private Task HandleInnerAsync(HttpContext context, StreamKind kind)
    {
        if (context.IsInner())
        {
            return HandleAsync(context, kind);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private void Map(IEndpointRouteBuilder endpoints, StreamKind kind, string path)
    {
        endpoints.MapMethods(path, kind.Methods, (RequestDelegate)(context => HandleAsync(context, kind))).Describe(new("WebSocket", "Open a stream (docs/reference/transports.md)")
        {
            Query = kind.Methods.Contains(HttpMethods.Get) ? [ApiField.Text(ConnectParameter, "the body of the equivalent POST").Optional()] : [],
            Refusals = [StatusCodes.Status400BadRequest, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status503ServiceUnavailable],
        });
        endpoints.Map(path, context => RefuseMethodAsync(context, kind));
    }

    private async Task HandleAsync(HttpContext context, StreamKind kind)
    {
        // A page of another origin is served, but back ends must not see the cookies that its browser sends.
        var headers = CrossOrigin.AllowOrigin(context, origins) ? ClientHeaders.Of(context.Request.Headers, services.KeptHeaders) : ClientHeaders.None;
        if (await OpenAsync(context, kind, headers) is { } stream)
        {
            await opening.RunAsync(stream);
        }
    }

    // Null when it was refused. The body is released before the stream continues: it would be kept while the client stays.
    private async Task<OpenStream?> OpenAsync(HttpContext context, StreamKind kind, ClientHeaders headers)
    {
        var wire = context.Request.IsBinary() && kind.Binary is { } binary ? binary : kind.Text;
        var address = proxies.ClientOf(context);
        using var body = await context.Request.ReadBodyAsync(kind.MaxBytes(services.Transports) ?? services.Options.MaxMessageBytes);
        var first = FirstMessage(context.Request, kind, body.Bytes);
        if (first.IsEmpty)
        {
            await context.Response.RefuseAsync(StatusCodes.Status400BadRequest, "the request must bring a connect command: in its body, or in cf_connect with GET");
        }
        else if (wire.IsUnidirectional && !wire.Codec.TryReadConnect(first, out _))
        {
            await context.Response.RefuseAsync(StatusCodes.Status400BadRequest, "the connect request must be a JSON object");
        }
        else if (limits.Enter(address) is { } refusal)
        {
            await context.Response.RefuseAsync(refusal.Status, refusal.Text, refusal.RetryAfter);
        }
        else
        {
            return await opening.BeginAsync(context, headers, address, wire, first, () => WriteHeadAsync(context, kind, wire), kind.Failures?.Invoke(services.Transports));
        }

        return null;
    }

    private static ReadOnlyMemory<byte> FirstMessage(HttpRequest request, StreamKind kind, ReadOnlyMemory<byte> body)
    {
        var message = request.Method == HttpMethods.Get ? Encoding.UTF8.GetBytes(request.Query[ConnectParameter].ToString()) : body;
        return message.IsEmpty && kind.EmptyMessage is { } empty ? Encoding.UTF8.GetBytes(empty) : message;
    }

    private static async Task WriteHeadAsync(HttpContext context, StreamKind kind, Wire wire)
    {
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();

        // The outbound queue limits how slow a client may be.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        var headers = context.Response.Headers;
        context.Response.ContentType = wire.Codec.IsBinary ? "application/octet-stream" : kind.ContentType;

        // Proxies must neither cache nor buffer the response; the third header is misspelt in the reference, and clients may look for it.
        headers.CacheControl = "private, no-cache, no-store, must-revalidate, max-age=0";
        headers.Pragma = "no-cache";
        headers["Expire"] = "0";
        headers.Expires = "0";
        headers["X-Accel-Buffering"] = "no";
        await context.Response.StartAsync();
        await context.Response.BodyWriter.WriteAsync(kind.Beginning);
    }

    private Task RefuseMethodAsync(HttpContext context, StreamKind kind)
    {
        CrossOrigin.AllowOrigin(context, origins);
        var isPostOnly = !kind.Methods.Contains(HttpMethods.Get);
        if (isPostOnly && context.Request.Method == HttpMethods.Options)
        {
            CrossOrigin.AnswerPreflight(context.Response);
            return Task.CompletedTask;
        }

        context.Response.Headers.Allow = string.Join(", ", kind.Methods);
        return context.Response.RefuseAsync(StatusCodes.Status405MethodNotAllowed, $"open the stream with {string.Join(" or ", kind.Methods)}");
    }
}

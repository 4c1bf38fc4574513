using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Telemetry;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace ClawEvents.Broker.Connections;

/// <summary>
/// The WebSocket paths as HTTP endpoints: for connections that served another request before (a reverse proxy that keeps its connections
/// open sends an upgrade on any of them), for HTTP/2, and for unidirectional connections. Once open, they run on the same engine.
/// </summary>
internal sealed class HttpUpgradeEndpoint(ConnectionServices services, IMessageHandler handler, UpgradeHandshake handshake, ConnectionLimits limits, TrustedProxies proxies)
{
    private const string ConnectParameter = "cf_connect";

    /// <summary>Maps the paths that are switched on.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        if (services.Transports.WebSocket)
        {
            Map(endpoints, services.Transports.Paths.WebSocket, "Open a connection (docs/reference/protocol.md)", context => HandleAsync(context, isUnidirectional: false));
        }

        if (services.Transports.UniWebSocket)
        {
            Map(endpoints, services.Transports.Paths.UniWebSocket, "Open a connection for pushes only (docs/reference/transports.md)", context => HandleAsync(context, isUnidirectional: true));
        }
    }

    private static void Map(IEndpointRouteBuilder endpoints, string path, string summary, RequestDelegate handle)
    {
        endpoints.MapGet(path, handle).Describe(new("WebSocket", summary)
        {
            Status = StatusCodes.Status101SwitchingProtocols,
            Refusals = [StatusCodes.Status400BadRequest, StatusCodes.Status403Forbidden, StatusCodes.Status503ServiceUnavailable],
        });

        // HTTP/2 opens a WebSocket with CONNECT (RFC 8441). Another method is wrong for an upgrade; without one the answer is that of GET.
        endpoints.Map(path, context =>
        {
            if (ConnectOf(context) is not null || !context.Request.Headers.ContainsKey(HeaderNames.Upgrade))
            {
                return handle(context);
            }

            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = HttpMethods.Get;
            return context.Response.WriteAsync("open the WebSocket with GET");
        });
    }

    private static IHttpExtendedConnectFeature? ConnectOf(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" } connect ? connect : null;

    private async Task HandleAsync(HttpContext context, bool isUnidirectional)
    {
        var answer = handshake.Answer(ReadRequest(context, isUnidirectional));
        if (answer.Status != StatusCodes.Status101SwitchingProtocols)
        {
            await RefuseAsync(context.Response, answer);
            return;
        }

        try
        {
            await (await UpgradeAsync(context, answer) is { } stream
                ? RunAsync(context, stream, answer, isUnidirectional)
                : RefuseAsync(context.Response, new UpgradeAnswer(400, "WebSocket needs HTTP/1.1 or HTTP/2 here")));
        }
        finally
        {
            limits.Leave(answer.Client);
        }
    }

    private UpgradeRequest ReadRequest(HttpContext context, bool isUnidirectional)
    {
        var headers = context.Request.Headers;
        var isConnect = ConnectOf(context) is not null;
        return new UpgradeRequest
        {
            Query = context.Request.QueryString.Value,
            Host = headers.Host,
            Origin = headers.Origin,
            WantsWebSocket = isConnect
                || (UpgradeRequestParser.HasItem(headers.Connection.ToString(), "upgrade") && UpgradeRequestParser.HasItem(headers.Upgrade.ToString(), "websocket")),
            IsConnect = isConnect,
            Version = headers.SecWebSocketVersion,
            Key = headers.SecWebSocketKey,
            Protocols = headers.SecWebSocketProtocol,
            Headers = ClientHeaders.Of(headers, services.KeptHeaders),
            Client = proxies.ClientOf(context),
            Extensions = headers.SecWebSocketExtensions,
            IsUnidirectional = isUnidirectional,
        };
    }

    private Task RefuseAsync(HttpResponse response, UpgradeAnswer answer)
    {
        services.Metrics.UpgradeRefused(answer.Status);
        response.StatusCode = answer.Status;
        if (answer.Status == StatusCodes.Status426UpgradeRequired)
        {
            response.Headers.SecWebSocketVersion = "13";
        }

        if (answer.RetryAfter > 0)
        {
            response.Headers.RetryAfter = answer.RetryAfter.ToString(CultureInfo.InvariantCulture);
        }

        return response.WriteAsync(answer.Text);
    }

    // Null when the request cannot become a WebSocket.
    private static async ValueTask<Stream?> UpgradeAsync(HttpContext context, UpgradeAnswer answer)
    {
        var headers = context.Response.Headers;
        headers.SecWebSocketProtocol = answer.Protocol;
        headers.SecWebSocketExtensions = answer.Extensions;
        if (ConnectOf(context) is { } connect)
        {
            return await connect.AcceptAsync();
        }

        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            return null;
        }

        headers.Upgrade = "websocket";
        headers.Connection = "Upgrade";
        headers.SecWebSocketAccept = answer.Accept;
        return await upgrade.UpgradeAsync();
    }

    private async Task RunAsync(HttpContext context, Stream stream, UpgradeAnswer answer, bool isUnidirectional)
    {
        await using var closing = stream;
        var input = PipeReader.Create(stream);
        var output = PipeWriter.Create(stream);
        var connection = new ClientConnection(services, answer.Wire, output, new RequestLifetime(context))
        {
            SendsPingFrames = answer.WantsPingFrames,
            Headers = answer.Headers,
            Address = answer.Client,
            Session = isUnidirectional ? SessionId.New() : null,
        };
        var loop = new ReceiveLoop(connection, input, handler);
        var connect = isUnidirectional ? context.Request.Query[ConnectParameter].ToString() : "";
        await (connect.Length > 0 ? loop.RunAsync(Encoding.UTF8.GetBytes(connect)) : loop.RunAsync());
        RequestNotes.SetConnection(context, connection.Id, connection.Principal.Name);
        await input.CompleteAsync();
        await output.CompleteAsync();
    }

    private sealed class RequestLifetime(HttpContext context) : IConnectionLifetimeFeature
    {
        public CancellationToken ConnectionClosed { get; set; } = context.RequestAborted;

        public void Abort() => context.Abort();
    }
}

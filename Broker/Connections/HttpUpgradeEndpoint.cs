using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ClawEvents.Broker.Connections;

/// <summary>
/// The WebSocket path as an HTTP endpoint, for a connection that served another request before: a reverse proxy that keeps its
/// connections open sends an upgrade on any of them. From the 101 on it is the same engine.
/// </summary>
internal sealed class HttpUpgradeEndpoint(ConnectionServices services, UpgradeHandshake handshake, ConnectionLimits limits)
{
    public async Task HandleAsync(HttpContext context)
    {
        var answer = handshake.Answer(Read(context.Request));
        if (answer.Status != StatusCodes.Status101SwitchingProtocols)
        {
            await RefuseAsync(context.Response, answer);
            return;
        }

        try
        {
            var upgrade = context.Features.Get<IHttpUpgradeFeature>();
            await (upgrade is { IsUpgradableRequest: true }
                ? RunAsync(context, upgrade, answer)
                : RefuseAsync(context.Response, new UpgradeAnswer(400, "WebSocket needs HTTP/1.1 here")));
        }
        finally
        {
            limits.Leave();
        }
    }

    private static UpgradeRequest Read(HttpRequest request) => new()
    {
        Query = request.QueryString.Value,
        Host = request.Headers.Host,
        Origin = request.Headers.Origin,
        WantsWebSocket = UpgradeRequestParser.HasItem(request.Headers.Connection.ToString(), "upgrade")
            && UpgradeRequestParser.HasItem(request.Headers.Upgrade.ToString(), "websocket"),
        Version = request.Headers.SecWebSocketVersion,
        Key = request.Headers.SecWebSocketKey,
        Protocols = request.Headers.SecWebSocketProtocol,
    };

    private Task RefuseAsync(HttpResponse response, UpgradeAnswer answer)
    {
        services.Metrics.UpgradeRefused(answer.Status);
        response.StatusCode = answer.Status;
        if (answer.Status == StatusCodes.Status426UpgradeRequired)
        {
            response.Headers.SecWebSocketVersion = "13";
        }

        return response.WriteAsync(answer.Text);
    }

    private async Task RunAsync(HttpContext context, IHttpUpgradeFeature upgrade, UpgradeAnswer answer)
    {
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.SecWebSocketAccept = answer.Accept;
        if (answer.Protocol is not null)
        {
            context.Response.Headers.SecWebSocketProtocol = answer.Protocol;
        }

        await using var stream = await upgrade.UpgradeAsync();
        var input = PipeReader.Create(stream);
        var output = PipeWriter.Create(stream);
        var connection = new ClientConnection(services, answer.Wire, output, new RequestLifetime(context)) { PingsNatively = answer.PingsNatively };
        await new ReceiveLoop(connection, input, services).RunAsync();
        await input.CompleteAsync();
        await output.CompleteAsync();
    }

    private sealed class RequestLifetime(HttpContext context) : IConnectionLifetimeFeature
    {
        public CancellationToken ConnectionClosed { get; set; } = context.RequestAborted;

        public void Abort() => context.Abort();
    }
}

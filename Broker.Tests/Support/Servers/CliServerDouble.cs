using System.Threading.Channels;
using ClawEvents.Broker.Tests.Support.Clients;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>One HTTP request as the double saw it.</summary>
internal sealed record CliRequest(string Method, string Path, string Authorization, string Body);

/// <summary>A server that answers what a test tells it to: API requests through <see cref="Answer"/>, WebSockets one by one
/// through <see cref="AcceptAsync"/>.</summary>
internal sealed class CliServerDouble : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<CliConnectionDouble> _accepted = Channel.CreateUnbounded<CliConnectionDouble>();
    private readonly List<CliConnectionDouble> _connections = [];

    private CliServerDouble(WebApplication app) => _app = app;

    public List<CliRequest> Requests { get; } = [];

    /// <summary>Path and query of each, as they were sent.</summary>
    public List<string> Targets { get; } = [];

    /// <summary>Status and body for a request.</summary>
    public Func<CliRequest, (int Status, string Body)> Answer { get; set; } = _ => (200, "{}");

    public string Url => _app.Urls.Single();

    /// <summary>Starts on <paramref name="port"/> of the loopback; 0 takes a free one.</summary>
    public static async Task<CliServerDouble> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var server = new CliServerDouble(builder.Build());
        server._app.UseWebSockets();
        server._app.Run(server.HandleAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Waits for the next WebSocket.</summary>
    public async Task<CliConnectionDouble> AcceptAsync(CancellationToken cancellation) =>
        await _accepted.Reader.ReadAsync(cancellation);

    /// <summary>Waits for the next WebSocket and answers its connect and subscribes.</summary>
    public async Task<CliConnectionDouble> WelcomeNextAsync(CancellationToken cancellation)
    {
        var connection = await AcceptAsync(cancellation);
        await connection.WelcomeAsync(cancellation);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        lock (_connections)
        {
            _connections.ForEach(connection => connection.Abort());
        }
        await _app.DisposeAsync();
    }

    private Task HandleAsync(HttpContext context) =>
        context.WebSockets.IsWebSocketRequest ? AcceptSocketAsync(context) : AnswerAsync(context);

    private async Task AcceptSocketAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var connection = new CliConnectionDouble(socket);
        lock (_connections)
        {
            _connections.Add(connection);
        }
        _accepted.Writer.TryWrite(connection);
        await connection.Finished;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = new CliRequest(
            context.Request.Method,
            context.Request.Path.Value!,
            context.Request.Headers.Authorization.ToString(),
            await reader.ReadToEndAsync(context.RequestAborted));
        lock (Requests)
        {
            Requests.Add(request);
            Targets.Add(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        }
        var (status, body) = Answer(request);
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(body, context.RequestAborted);
    }
}

using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A server on a free loopback port that stands in for one the broker asks; it can be as wrong as a far server gets.</summary>
internal abstract class RunningFarServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _next = new();
    private readonly ConcurrentQueue<string> _requests = new();

    /// <param name="configure">Changes how it listens; null: plain HTTP.</param>
    protected RunningFarServer(Action<ListenOptions>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, configure ?? (_ => { })));
        _application = builder.Build();
        _application.Run(AnswerNextAsync);
    }

    /// <summary>The paths and queries asked for, with the authorization of each.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>Without a path.</summary>
    public Uri Origin => new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Answers the next request in this way.</summary>
    public void Next(Func<HttpContext, Task> answer) => _next.Enqueue(answer);

    /// <summary>Answers that many requests with a status.</summary>
    public void NextStatus(int status, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            Next(context =>
            {
                context.Response.StatusCode = status;
                return Task.CompletedTask;
            });
        }
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    protected Task StartApplicationAsync() => _application.StartAsync();

    /// <summary>The usual answer.</summary>
    protected abstract Task AnswerAsync(HttpContext context);

    private Task AnswerNextAsync(HttpContext context)
    {
        _requests.Enqueue($"{context.Request.Method} {context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget} {context.Request.Headers.Authorization}");
        return _next.TryDequeue(out var answer) ? answer(context) : AnswerAsync(context);
    }
}

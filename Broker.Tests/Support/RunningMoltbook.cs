using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>A stand-in for Moltbook on a free loopback port: it has profiles, and it can be as wrong as a far server gets.</summary>
internal sealed class RunningMoltbook : IAsyncDisposable
{
    public const string Key = "the-key-of-moltbook";

    private readonly WebApplication _application;
    private readonly Queue<Func<HttpContext, Task>> _next = new();

    private RunningMoltbook(WebApplication application)
    {
        _application = application;
        application.Run(AnswerAsync);
    }

    /// <summary>What each profile's description says.</summary>
    public Dictionary<string, string> Descriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>The paths and queries asked for, with the authorization of each.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The base of its API, with a path of its own.</summary>
    public Uri Url => new($"{_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()}/api/v1");

    public static async Task<RunningMoltbook> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var moltbook = new RunningMoltbook(builder.Build());
        await moltbook._application.StartAsync();
        return moltbook;
    }

    /// <summary>Answers the next request in this way, and not with a profile.</summary>
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

    private Task AnswerAsync(HttpContext context)
    {
        Requests.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Headers.Authorization}");
        return _next.TryDequeue(out var answer) ? answer(context) : ProfileAsync(context);
    }

    private Task ProfileAsync(HttpContext context)
    {
        var description = Descriptions.GetValueOrDefault(context.Request.Query["name"].ToString());
        context.Response.StatusCode = description is null ? 404 : 200;
        return context.Response.WriteAsync($$$"""{"success":true,"agent":{"description":{{{JsonSerializer.Serialize(description)}}}}}""");
    }
}

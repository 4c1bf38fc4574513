using System.Collections.Concurrent;
using System.Text.Json;
using ClawEvents.Broker.Proxies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A stand-in for an operator's back end: it records requests, and answers as the test wants.</summary>
internal sealed class RunningBackEnd : RunningFarServer
{
    private readonly ConcurrentQueue<(string Path, string Body, Dictionary<string, string> Headers, string Connection)> _asked = new();

    /// <summary>The answer to an event, by its body; the empty answer at first.</summary>
    public Func<JsonElement, string> Answer { get; set; } = _ => "{}";

    /// <summary>The bodies it got.</summary>
    public IReadOnlyList<string> Bodies => [.. _asked.Select(asked => asked.Body)];

    /// <summary>The headers that came with each.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Headers => [.. _asked.Select(asked => asked.Headers)];

    /// <summary>The number of TCP connections.</summary>
    public int Connections => _asked.Select(asked => asked.Connection).Distinct().Count();

    private RunningBackEnd(Action<ListenOptions>? configure)
        : base(configure)
    {
    }

    /// <param name="certificate">With TLS; null: without.</param>
    /// <param name="client">Its callers need this certificate; null: none.</param>
    public static async Task<RunningBackEnd> StartAsync(RunningCertificate? certificate = null, RunningCertificate? client = null)
    {
        var backEnd = new RunningBackEnd(certificate is null ? null : listen => certificate.Serve(listen, client));
        await backEnd.StartApplicationAsync();
        return backEnd;
    }

    /// <summary>As a setting, with a path of its own.</summary>
    public ProxySettings Settings(string name = "backend") => new(name, new Uri(Origin, "/centrifugo")) { Timeout = RunningBroker.Patience };

    /// <summary>For answers that wait before they are given.</summary>
    public Task AnswerAsUsualAsync(HttpContext context) => AnswerAsync(context);

    protected override async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        _asked.Enqueue((context.Request.Path, body, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()), context.Connection.Id));
        using var json = JsonDocument.Parse(body);
        await context.Response.WriteAsync(Answer(json.RootElement));
    }
}

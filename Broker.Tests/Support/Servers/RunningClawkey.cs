using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A stand-in for clawkey: it has public SSH keys.</summary>
internal sealed class RunningClawkey : RunningFarServer
{
    /// <summary>The contents of each path: <c>/@alice/main</c>.</summary>
    public Dictionary<string, string> Keys { get; } = new(StringComparer.Ordinal);

    public static async Task<RunningClawkey> StartAsync()
    {
        var clawkey = new RunningClawkey();
        await clawkey.StartApplicationAsync();
        return clawkey;
    }

    protected override Task AnswerAsync(HttpContext context)
    {
        var key = Keys.GetValueOrDefault(context.Request.Path.Value!);
        context.Response.StatusCode = key is null ? 404 : 200;
        return context.Response.WriteAsync($$"""{"public_key":{{JsonSerializer.Serialize(key)}}}""");
    }
}

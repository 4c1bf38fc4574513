using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A stand-in for Moltbook: it has profiles.</summary>
internal sealed class RunningMoltbook : RunningFarServer
{
    public const string Key = "the-key-of-moltbook";

    /// <summary>The description of each profile.</summary>
    public Dictionary<string, string> Descriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>The base of its API, with a path of its own.</summary>
    public Uri Url => new(Origin, "/api/v1");

    public static async Task<RunningMoltbook> StartAsync()
    {
        var moltbook = new RunningMoltbook();
        await moltbook.StartApplicationAsync();
        return moltbook;
    }

    protected override Task AnswerAsync(HttpContext context)
    {
        var description = Descriptions.GetValueOrDefault(context.Request.Query["name"].ToString());
        context.Response.StatusCode = description is null ? 404 : 200;
        return context.Response.WriteAsync($$$"""{"success":true,"agent":{"description":{{{JsonSerializer.Serialize(description)}}}}}""");
    }
}

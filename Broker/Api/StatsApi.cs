using System.Globalization;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary><c>GET /stats</c>: a page with the broker's figures, if enabled. docs/reference/http-api.md#stats</summary>
/// <remarks>It contains numbers only, and no text from strangers.</remarks>
internal sealed class StatsApi(ApiOptions options, IStateStore store, ActivityRecorder activity, ChannelHub hub, InternalPort port, TimeProvider time) : IApi
{
    private const string Style =
        "body{font:1.1rem system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}"
        + "dl{display:grid;grid-template-columns:1fr auto;gap:.5rem 2rem}dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        if (options.ShowsStats || options.DevMode)
        {
            endpoints.MapGet("/stats", port.Guard(WritePageAsync)).Describe(new("Operation", "A page with the broker's figures"));
        }
    }

    private async Task WritePageAsync(HttpContext context)
    {
        await activity.ReportAsync();
        var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
        var now = await store.CountMessagesAsync(minute);
        var before = await store.CountMessagesAsync(minute - 1);
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        await context.Response.WriteAsync(Page(
        [
            ("Messages", now.Total),
            ("Messages in this minute", now.InMinute),
            ("Messages in the last minute", before.InMinute),
            ("Agents", (await store.GetSendersAsync()).Count),
            ("Channels with listeners, on this node", hub.ChannelCount),
            ("Subscriptions, on this node", hub.SubscriptionCount),
        ]));
    }

    private static string Page(IEnumerable<(string Name, long Value)> figures) =>
        $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>ClawEvents statistics</title><style>{Style}</style></head><body><h1>Statistics</h1><dl>"
        + string.Concat(figures.Select(figure => $"<dt>{figure.Name}</dt><dd>{figure.Value.ToString("N0", CultureInfo.InvariantCulture)}</dd>"))
        + "</dl></body></html>";
}

using System.Text.Json;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A live trace of a broker, as an operator reads it.</summary>
internal sealed class RunningTrace : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private RunningTrace(HttpResponseMessage response, StreamReader reader) => (_response, _reader) = (response, reader);

    /// <summary>Complete when the trace has begun on this node.</summary>
    /// <param name="query">As <c>user=alice</c>.</param>
    public static async Task<RunningTrace> StartAsync(RunningBroker broker, string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/trace?{query}");
        request.Headers.Add("X-API-Key", RunningBroker.Key);
        var response = await broker.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/event-stream"));
        return new(response, new(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>Reads up to an event that is the last one wanted.</summary>
    /// <param name="isLast">Asked once about each event.</param>
    public async Task<IReadOnlyList<JsonElement>> ReadUntilAsync(Func<JsonElement, bool> isLast)
    {
        using var limit = new CancellationTokenSource(RunningBroker.Patience);
        var events = new List<JsonElement>();
        while (true)
        {
            var line = await _reader.ReadLineAsync(limit.Token) ?? throw new AssertionException($"The trace has ended after {events.Count} events.");
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                events.Add(JsonElement.Parse(line["data: ".Length..]));
                if (isLast(events[^1]))
                {
                    return events;
                }
            }
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}

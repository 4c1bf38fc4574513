using System.Diagnostics;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Doctor;

/// <summary>Opens server-sent events through the public address: is the first one held back, and does a silent stream stay?</summary>
internal sealed class StreamExam(Uri address, HttpMessageInvoker invoker, string? token, TimeSpan wait)
{
    private const string Check = "stream";
    private const string IdleCheck = "stream-idle";
    private const string DataPrefix = "data: ";

    private static readonly TimeSpan FirstEvent = TimeSpan.FromSeconds(5);

    /// <param name="isOn">Whether the settings have this transport.</param>
    public async Task<IReadOnlyList<Finding>> RunAsync(bool isOn)
    {
        if (!isOn)
        {
            return [Finding.Skipped(Check, "off (UniSse=false)")];
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(address) { Query = $"cf_connect={Uri.EscapeDataString(FirstConnect.Request(token))}" }.Uri);
        using var limit = new CancellationTokenSource(FirstEvent);
        try
        {
            using var response = await invoker.SendAsync(request, limit.Token);
            if (response.Content.Headers.ContentType?.MediaType is not "text/event-stream")
            {
                return [Finding.Fault(Check, $"{address.AbsolutePath} is answered with {(int)response.StatusCode} and no stream", "let what is in front pass /connection/ on to the broker")];
            }

            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(limit.Token));
            return await ExamineAsync(reader, limit.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return [Finding.Fault(Check, $"{address.AbsolutePath} fails: {LogText.Of(exception.Message)}", "look into the logs of the broker and of what is in front")];
        }
        catch (OperationCanceledException)
        {
            return [Finding.Fault(Check, $"the first event did not come in {FirstEvent.TotalSeconds} s: it is buffered on the way", "turn off buffering in front for /connection/ (nginx: proxy_buffering off, and do not ignore X-Accel-Buffering)")];
        }
    }

    private async Task<IReadOnlyList<Finding>> ExamineAsync(StreamReader reader, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var first = await ReadEventAsync(reader, cancellation);
        if (first is null || FirstConnect.PingIn(first) is not { } interval)
        {
            // A stream that ends empties the buffers on its way.
            return [Finding.Skipped(Check, "the broker refuses this client, so it cannot stay: pass --token")];
        }

        var arrived = Finding.Ok(Check, $"the first event comes after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
        return [arrived, await WatchAsync(reader, new SilenceWatch(IdleCheck, "a stream", interval, wait))];
    }

    private static async Task<Finding> WatchAsync(StreamReader reader, SilenceWatch watch)
    {
        if (watch.Refusal is { } refusal)
        {
            return refusal;
        }

        using var limit = new CancellationTokenSource(watch.Left);
        try
        {
            while (await ReadEventAsync(reader, limit.Token) is not null)
            {
                if (watch.OnPing() is { } finding)
                {
                    return finding;
                }
            }

            return watch.OnEnd();
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            return watch.OnEnd();
        }
        catch (OperationCanceledException)
        {
            return watch.OnSilence();
        }
    }

    // Null at the end.
    private static async Task<string?> ReadEventAsync(StreamReader reader, CancellationToken cancellation)
    {
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith(DataPrefix, StringComparison.Ordinal))
            {
                return line[DataPrefix.Length..];
            }
        }

        return null;
    }
}

using System.Diagnostics.Metrics;
using System.Text.Json;
using ClawEvents.Broker.Api;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Consumers;

/// <summary>Runs the readers of all queues, from the start of the broker to its end.</summary>
internal sealed class ConsumerService : IHostedService, IHealthPart, IDisposable
{
    private readonly (ConsumerWork Work, IConsumer Consumer)[] _consumers;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public ConsumerService(IReadOnlyList<ConsumerOptions> consumers, ConsumerFactory factory)
    {
        _consumers = [.. consumers.Select(factory.Make)];
        var metrics = factory.Metrics;
        metrics.AddCounter("clawevents.consumers.processed", "{message}", "Messages of queues whose command was carried out, by consumer.", () => Figures(work => work.Processed));
        metrics.AddCounter("clawevents.consumers.skipped", "{message}", "Messages of queues that can never be carried out, by consumer.", () => Figures(work => work.Skipped));
        metrics.AddCounter("clawevents.consumers.errors", "{error}", "Messages skipped, commands that failed for now, and times that a queue was away, by consumer.", () => Figures(work => work.Errors));
        metrics.AddGauge("clawevents.consumers.lag", "{message}", "Messages that wait in the queue, where its server says so, by consumer.", () => Figures(work => work.Lag));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(_consumers.Select(one => Task.Run(() => one.Consumer.RunAsync(_stop.Token), CancellationToken.None)));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stop.Dispose();

    // "consumers":{NAME:{"type":TEXT,"ok":BOOL}}
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("consumers");
        foreach (var (work, _) in _consumers)
        {
            json.WriteStartObject(work.Options.Name);
            json.WriteString("type", work.Options.Type);
            json.WriteBoolean("ok", work.IsOk);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    // The label is Centrifugo's.
    private IEnumerable<Measurement<long>> Figures(Func<ConsumerWork, long> figure) =>
        _consumers.Select(one => new Measurement<long>(figure(one.Work), new KeyValuePair<string, object?>("consumer_name", one.Work.Options.Name)));
}

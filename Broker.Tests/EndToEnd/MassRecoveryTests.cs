using System.Diagnostics;
using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The broker closes a thousand connections simultaneously; all reconnect and miss nothing.</summary>
[NonParallelizable] // It measures how long that takes.
public sealed class MassRecoveryTests : RunningBrokerTests
{
    private const int Connections = 1000;
    private const int PublicationsBefore = 5;
    private const int PublicationsMissed = 50;
    private const string Channel = "news:all";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Namespaces = new ChannelNamespaces(
            new Dictionary<string, ChannelOptions>
            {
                ["news"] = new() { Subscribe = new(true, false, true), HistorySize = 200, HistoryTtl = TimeSpan.FromMinutes(5), ForceRecovery = true },
            },
            new ChannelOptions()),
    };

    [Test]
    [Checklist(103)]
    public async Task A_thousand_lost_connections_recover_missed_publications_once_in_order()
    {
        var token = await Broker.RegisterAsync("alice");
        var crowd = Enumerable.Range(0, Connections).Select(_ => new Returning(Broker, token)).ToList();
        await ForAll(crowd, client => client.SubscribeAsync());
        await PublishAsync(0, PublicationsBefore);
        await ForAll(crowd, client => client.ReceiveAsync(PublicationsBefore));

        await Broker.PostWithKeyAsync("/api/disconnect", """{"user":"alice","disconnect":{"code":4000,"reason":"cut"}}""");
        var watch = Stopwatch.StartNew();
        var publishing = PublishAsync(PublicationsBefore, PublicationsMissed);
        await ForAll(crowd, client => client.ReadCutAsync());
        await ForAll(crowd, client => client.SubscribeAsync());
        await publishing;
        await ForAll(crowd, client => client.ReceiveAsync(PublicationsBefore + PublicationsMissed));
        watch.Stop();

        TestContext.Out.WriteLine($"all back after {watch.ElapsedMilliseconds} ms");
        var expected = Enumerable.Range(0, PublicationsBefore + PublicationsMissed);
        Assert.That(crowd.Select(client => client.Received), Is.All.EqualTo(expected));
        Assert.That(watch.Elapsed, Is.LessThan(Limit));
    }

    private static Task ForAll(IEnumerable<Returning> crowd, Func<Returning, Task> act) =>
        Parallel.ForEachAsync(crowd, new ParallelOptions { MaxDegreeOfParallelism = 100 }, async (client, _) => await act(client));

    private async Task PublishAsync(int first, int count)
    {
        foreach (var number in Enumerable.Range(first, count))
        {
            var answer = await Broker.PostWithKeyAsync("/api/publish", $$"""{"channel":"{{Channel}}","data":{{number}}}""");
            Assert.That(answer.Body, Does.StartWith("""{"result":{"offset":"""));
        }
    }

    /// <summary>A client that remembers its position.</summary>
    private sealed class Returning(RunningBroker broker, string token)
    {
        private RunningWebSocket? _socket;
        private ulong _offset;
        private string? _epoch;

        public List<int> Received { get; } = [];

        public async Task SubscribeAsync()
        {
            _socket = await broker.ConnectAsync(token);
            var place = _epoch is null ? "" : $$""","recover":true,"offset":{{_offset}},"epoch":"{{_epoch}}" """;
            using var reply = JsonDocument.Parse(await _socket.AskAsync($$$"""{"id":2,"subscribe":{"channel":"{{{Channel}}}"{{{place}}}}}"""));
            var result = reply.RootElement.GetProperty("subscribe");
            Assert.That(result.TryGetProperty("recovered", out _), Is.EqualTo(_epoch is not null), reply.RootElement.GetRawText());
            _epoch = result.GetProperty("epoch").GetString();
            if (result.TryGetProperty("publications", out var publications))
            {
                publications.EnumerateArray().ToList().ForEach(Take);
            }
        }

        public async Task ReceiveAsync(int count)
        {
            while (Received.Count < count)
            {
                using var push = JsonDocument.Parse(await _socket!.ReadMessageAsync());
                Take(push.RootElement.GetProperty("push").GetProperty("pub"));
            }
        }

        public async Task ReadCutAsync()
        {
            var (code, reason) = await _socket!.ReadCloseAsync();
            Assert.That((code, reason), Is.EqualTo((4000, "cut")));
            await _socket.DisposeAsync();
        }

        private void Take(JsonElement publication)
        {
            Received.Add(publication.GetProperty("data").GetInt32());
            _offset = publication.GetProperty("offset").GetUInt64();
        }
    }
}

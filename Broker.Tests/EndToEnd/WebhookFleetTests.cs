using System.Net;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Webhooks of two nodes with one Redis: each is served once, and what is done at one node counts at the other.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WebhookFleetTests : IAsyncDisposable
{
    private const string Channel = "agent.bob.updates";
    private const int Webhooks = 20;

    private TwoNodes _nodes = null!;
    private RunningReceiver _receiver = null!;
    private string _alice = null!;
    private string _bob = null!;

    [SetUp]
    public async Task Start()
    {
        _receiver = await RunningReceiver.StartAsync();
        _nodes = await TwoNodes.StartAsync(options => options with
        {
            Namespaces = TestNamespaces.Of(("agent", TestNamespaces.History with { HistorySize = 1_000 })),
            Webhooks = new() { AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8")], AllowsHttp = true, MaxOfOwner = Webhooks },
        });
        (_alice, _bob) = (await _nodes.Here.RegisterAsync("alice"), await _nodes.Here.RegisterAsync("bob"));
    }

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Test]
    public async Task Each_webhook_is_served_once_and_both_nodes_serve_some()
    {
        await AddAllAsync();
        await BothServeAsync();

        await PublishAsync(_nodes.There, 1);
        await PublishAsync(_nodes.Here, 2);
        await Eventually.IsTrueAsync(() => _receiver.Accepted.Count >= 2 * Webhooks);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(CountOf(_nodes.Here) + CountOf(_nodes.There), Is.EqualTo(Webhooks));
            Assert.That(_receiver.Accepted.DistinctBy(message => message.Id).Count(), Is.EqualTo(2 * Webhooks));
        }
    }

    [Test]
    public async Task A_node_that_stops_hands_its_webhooks_over()
    {
        await AddAllAsync();
        await BothServeAsync();

        await _nodes.Here.StopAsync();
        await Eventually.IsTrueAsync(() => CountOf(_nodes.There) == Webhooks);
        await PublishAsync(_nodes.There, 1);

        await Eventually.IsTrueAsync(() => _receiver.Accepted.DistinctBy(message => message.Id).Count() == Webhooks);
    }

    [Test]
    public async Task A_webhook_that_is_removed_at_one_node_ends_at_the_other()
    {
        var ids = await AddAllAsync();
        await BothServeAsync();

        foreach (var id in ids)
        {
            await SendAsync(_nodes.Here, HttpMethod.Delete, $"/api/webhooks/{id}");
        }

        await Eventually.IsTrueAsync(() => CountOf(_nodes.Here) + CountOf(_nodes.There) == 0);
    }

    [Test]
    public async Task A_lock_at_one_node_pauses_webhooks_at_both()
    {
        var ids = await AddAllAsync();
        await BothServeAsync();

        await _nodes.Here.PostAsync("/api/lock", $$"""{"channel":"{{Channel}}"}""", _bob);

        foreach (var id in ids)
        {
            await Eventually.GetAsync(() => SendAsync(_nodes.There, HttpMethod.Get, $"/api/webhooks/{id}"), answer => answer.Body.Contains("\"reason\":\"locked\"", StringComparison.Ordinal));
        }
    }

    private static int CountOf(RunningBroker node) => node.Get<WebhookService>().Count;

    // Until then the first node may serve them all.
    private Task<TimeSpan> BothServeAsync() => Eventually.IsTrueAsync(() => CountOf(_nodes.Here) > 0 && CountOf(_nodes.There) > 0 && CountOf(_nodes.Here) + CountOf(_nodes.There) == Webhooks);

    private async Task<List<string>> AddAllAsync()
    {
        var ids = new List<string>();
        for (var i = 0; i < Webhooks; i++)
        {
            var answer = await _nodes.Here.PostAsync("/api/webhooks", $$"""{"channel":"{{Channel}}","url":"{{_receiver.Url}}"}""", _alice);
            ids.Add(JsonElement.Parse(answer.Body).GetProperty("webhook").GetProperty("id").GetString()!);
        }

        return ids;
    }

    private static Task PublishAsync(RunningBroker node, int number) => node.PublishAsync(Channel, $$"""{"n":{{number}}}""");

    private Task<RunningAnswer> SendAsync(RunningBroker node, HttpMethod method, string path) => node.SendAsync(method, path, null, ("Authorization", $"Bearer {_alice}"));
}

using System.Net;
using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>A broker that may send to this machine, a receiver, and an agent who registers webhooks.</summary>
public abstract class WebhookBrokerTests : RunningBrokerTests
{
    private protected const string Channel = "chat:news";

    private protected RunningReceiver Receiver { get; private set; } = null!;

    private protected string Alice { get; private set; } = null!;

    [SetUp]
    public async Task StartReceiver()
    {
        Receiver = await RunningReceiver.StartAsync();
        Alice = await Broker.RegisterAsync("alice");
    }

    [TearDown]
    public ValueTask StopReceiver() => Receiver.DisposeAsync();

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Namespaces = TestNamespaces.Of(
            ("chat", TestNamespaces.History with { HistorySize = 1_000 }), ("talk", TestNamespaces.Open), ("agent", TestNamespaces.History)),
        Webhooks = new() { AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8")], AllowsHttp = true, MaxOfOwner = 3 },
    };

    private protected async Task<(string Id, string Secret)> AddAsync(string channel)
    {
        var answer = await PostAddAsync(channel, Receiver.Url, Alice);
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        var json = JsonElement.Parse(answer.Body);
        return (json.GetProperty("webhook").GetProperty("id").GetString()!, json.GetProperty("secret").GetString()!);
    }

    private protected Task<RunningAnswer> PostAddAsync(string channel, string url, string token) =>
        Broker.PostAsync("/api/webhooks", $$"""{"channel":"{{channel}}","url":"{{url}}"}""", token);

    private protected async Task PublishAsync(string channel, int first, int last)
    {
        for (var n = first; n <= last; n++)
        {
            await Broker.PublishAsync(channel, $$"""{"n":{{n}}}""");
        }
    }

    private protected Task<RunningAnswer> HasStateAsync(string id, string state) =>
        Eventually.GetAsync(() => GetAsync($"/api/webhooks/{id}"), answer => answer.Body.Contains($"\"state\":\"{state}\"", StringComparison.Ordinal));

    private protected Task<RunningAnswer> GetAsync(string path, string? token = null) => SendAsync(HttpMethod.Get, path, token ?? Alice);

    private protected Task<RunningAnswer> SendAsync(HttpMethod method, string path, string token) => Broker.SendAsync(method, path, null, ("Authorization", $"Bearer {token}"));
}

using System.Net.Http.Headers;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ModelContextProtocol.Client;

namespace ClawEvents.Broker.Tests.Mcp;

/// <summary>The broker's <c>/mcp</c>.</summary>
public sealed class McpHttpTests : ToolsContract
{
    private const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    private protected override Task<McpClient> ConnectAsync() => ConnectAsync(Broker, Token);

    internal static async Task<McpClient> ConnectAsync(RunningBroker broker, string? token)
    {
        var options = new HttpClientTransportOptions
        {
            Endpoint = new Uri(broker.Url, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = token is null ? null : new Dictionary<string, string> { ["Authorization"] = $"Bearer {token}" },
        };
        return await McpClient.CreateAsync(new HttpClientTransport(options));
    }

    [TestCase("Authorization", "Bearer wrong", 401)]
    [TestCase("Origin", "https://evil.example", 403)]
    [TestCase("X-Nothing", "1", 200)]
    public async Task Who_may_come_in(string name, string value, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new ByteArrayContent(Initialize.Utf8()) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        request.Headers.TryAddWithoutValidation(name, value);

        using var response = await Broker.Http.SendAsync(request);

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
    }

    [TestCase("")]
    [TestCase("x")]
    [TestCase("[]")]
    [TestCase("""{"jsonrpc":"2.0","id":1}""")]
    [TestCase("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}""")]
    public async Task Bad_messages_are_refused(string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new ByteArrayContent(body.Utf8()) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");

        using var response = await Broker.Http.SendAsync(request);

        Assert.That((int)response.StatusCode == 400 || (await response.Content.ReadAsStringAsync()).Contains("\"error\"", StringComparison.Ordinal), $"{response.StatusCode}");
    }

    [Test]
    public async Task A_wait_that_its_caller_gives_up_leaves_no_listener()
    {
        await using var agent = await ConnectAsync();
        using var enough = new CancellationTokenSource();

        var waiting = agent.CallToolAsync("wait_for_messages", new Dictionary<string, object?> { ["channel"] = "public.a" }, cancellationToken: enough.Token);
        await Eventually.IsTrueAsync(() => HasListenerAsync());
        await enough.CancelAsync();

        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
        await Eventually.IsTrueAsync(async () => !await HasListenerAsync());
    }

    private async Task<bool> HasListenerAsync() =>
        (await Broker.AskAsOperatorAsync("/api/channels", """{"pattern":"public.a"}""")).ToString().Contains("num_clients", StringComparison.Ordinal);
}

/// <summary>The door of a broker whose streams are off for clients.</summary>
public sealed class McpWithoutStreamsTests : ToolsContract
{
    private protected override BrokerOptions Change(BrokerOptions options) => base.Change(options) with { Transports = new() { HttpStream = false, UniHttpStream = false } };

    private protected override Task<McpClient> ConnectAsync() => McpHttpTests.ConnectAsync(Broker, Token);
}

/// <summary>A broker without the door.</summary>
public sealed class ClosedMcpTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with { Api = options.Api with { HasMcp = false } };

    [Test]
    public async Task It_can_be_switched_off() => Assert.That((await Broker.PostAsync("/mcp", "{}")).Status, Is.EqualTo(404));
}

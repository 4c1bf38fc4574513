using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Clients;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A whole broker in this process, on a free port of the loopback address, with a data folder of its own.</summary>
/// <remarks>Disposing of it ends its clients first: a broker that stops would otherwise wait for them.</remarks>
internal sealed class RunningBroker : IAsyncDisposable
{
    /// <summary>The time limit of a test for an expected event; far more than it takes, so that a busy machine fails no test.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The key of the server API.</summary>
    public const string Key = "the-key-of-the-server-api";

    private readonly WebApplication _application;
    private readonly DirectoryInfo _folder;
    private readonly RunningLog _log;
    private readonly List<RunningWebSocket> _clients = [];

    private RunningBroker(WebApplication application, DirectoryInfo folder, RunningLog log)
    {
        _application = application;
        _folder = folder;
        _log = log;
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Urls = [.. addresses.Select(address => new Uri(address))];
        Url = Urls[0];
        InternalUrl = new Uri(addresses.Last());
        var handler = new SocketsHttpHandler { UseCookies = false };
#pragma warning disable CA5359 // The test made the certificate itself.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        Http = new HttpClient(handler) { BaseAddress = Url, Timeout = Patience };
    }

    public Uri Url { get; }

    /// <summary>All its addresses: the public one, those of gRPC, the internal one.</summary>
    public IReadOnlyList<Uri> Urls { get; }

    /// <summary>The address of the internal port, if it has one; otherwise <see cref="Url"/>.</summary>
    public Uri InternalUrl { get; }

    public HttpClient Http { get; }

    public IStateStore Store => _application.Services.GetRequiredService<IStateStore>();

    /// <summary>Messages that were logged as errors: faults of the broker itself.</summary>
    public IReadOnlyCollection<string> Errors => _log.Errors;

    /// <summary>Method and pattern of every endpoint of the API, as <c>GET /health</c>; without those that refuse all other methods, and without pages.</summary>
    public IEnumerable<string> Routes =>
        from endpoint in _application.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
        select $"{method} {endpoint.RoutePattern.RawText}";

    /// <summary>Messages that were logged as warnings.</summary>
    public IReadOnlyCollection<string> Warnings => _log.Warnings;

    /// <summary>The number of connections that have connected and are not closing.</summary>
    public async Task<int> CountClientsAsync()
    {
        var answer = await PostWithKeyAsync("/api/info", "{}");
        using var info = JsonDocument.Parse(answer.Body);
        return info.RootElement.GetProperty("result").GetProperty("nodes")[0].GetProperty("num_clients").GetInt32();
    }

    /// <param name="change">Changes the settings: development mode, <see cref="Key"/>, port 0.</param>
    /// <param name="time">Another clock than the system's.</param>
    /// <param name="replace">Replaces parts of the broker.</param>
    public static async Task<RunningBroker> StartAsync(
        Func<BrokerOptions, BrokerOptions>? change = null, TimeProvider? time = null, Action<IServiceCollection>? replace = null)
    {
        var folder = Directory.CreateTempSubdirectory("clawevents-test-");
        var options = new BrokerOptions
        {
            Listeners = new() { Host = "127.0.0.1", Port = 0, Transport = TestTransports.Default },
            Api = new() { DevMode = true, ServerApiKey = Key },

            // A machine that runs all tests in parallel is not calm: whether somebody is refused must not depend on it.
            Connections = new() { MaxTurnDelay = TimeSpan.Zero },
            State = new() { DataFolder = Path.Combine(folder.FullName, "data") },
        };
        var log = new RunningLog();
        var application = BrokerApplication.Build(change?.Invoke(options) ?? options, builder =>
        {
            builder.Logging.AddProvider(log);
            replace?.Invoke(builder.Services);
            if (time is not null)
            {
                builder.Services.AddSingleton(time);
            }
        });
        await application.StartAsync().WaitAsync(Patience);
        return new RunningBroker(application, folder, log);
    }

    /// <summary>A token for this agent; the one it had before stops working.</summary>
    public async Task<string> RegisterAsync(string agent)
    {
        var answer = await PostAsync("/auth/dev-register", $$"""{"username":"{{agent}}"}""");
        using var json = JsonDocument.Parse(answer.Body);
        return json.RootElement.GetProperty("token").GetString()!;
    }

    /// <summary>A token as a login by profile gives it: not a key.</summary>
    public string SessionToken(string agent, long revokedUntil = 0) =>
        _application.Services.GetRequiredService<TokenIssuer>().IssueSessionToken(agent, revokedUntil);

    /// <summary>Posts a body as it is, with a bearer token if one is given.</summary>
    public Task<RunningAnswer> PostAsync(string path, string body, string? token = null) =>
        SendAsync(HttpMethod.Post, path, Encoding.UTF8.GetBytes(body), token is null ? [] : [("Authorization", $"Bearer {token}")]);

    /// <summary>Posts to the server API.</summary>
    public Task<RunningAnswer> PostWithKeyAsync(string path, string body) =>
        SendAsync(HttpMethod.Post, path, Encoding.UTF8.GetBytes(body), ("X-API-Key", Key));

    /// <summary>Publishes JSON through the server API, which neither limits nor wraps.</summary>
    public async Task PublishAsync(string channel, string data)
    {
        var answer = await PostWithKeyAsync("/api/publish", $$"""{"channel":"{{channel}}","data":{{data}}}""");
        Assert.That(answer.Body, Does.StartWith("""{"result":{"""));
    }

    public async Task<RunningAnswer> SendAsync(HttpMethod method, string path, byte[]? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.RelativeOrAbsolute));
        request.Content = body is null ? null : new ByteArrayContent(body);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Http.SendAsync(request);
        return new((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync());
    }

    /// <summary>A client that has opened its transport and said nothing.</summary>
    /// <param name="receiveBuffer">Bytes the system keeps for a client that does not read; 0 for its own choice.</param>
    public async Task<RunningWebSocket> OpenAsync(int receiveBuffer = 0)
    {
        var client = await RunningWebSocket.OpenAsync(Url, receiveBuffer);
        lock (_clients)
        {
            _clients.Add(client);
        }

        return client;
    }

    /// <summary>A client that was upgraded and has not connected.</summary>
    /// <param name="receiveBuffer">As in <see cref="OpenAsync"/>.</param>
    /// <param name="isReused">The connection serves an HTTP request first, as a reverse proxy's would; it is then upgraded on another way.</param>
    public async Task<RunningWebSocket> UpgradeAsync(int receiveBuffer = 0, bool isReused = false)
    {
        var client = await OpenAsync(receiveBuffer);
        if (isReused)
        {
            await client.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 200 OK\r\n"));
            Assert.That(await client.ReadAsciiAsync(RunningAnswer.Healthy.Length), Is.EqualTo(RunningAnswer.Healthy));
        }

        await client.UpgradeAsync(Url);
        return client;
    }

    /// <summary>A client that has connected, anonymously or with a token.</summary>
    /// <inheritdoc cref="UpgradeAsync"/>
    public async Task<RunningWebSocket> ConnectAsync(string? token = null, int receiveBuffer = 0, bool isReused = false)
    {
        var client = await UpgradeAsync(receiveBuffer, isReused);
        Assert.That(
            await client.AskAsync(token is null ? """{"id":1,"connect":{}}""" : $$$"""{"id":1,"connect":{"token":"{{{token}}}"}}"""),
            Does.StartWith("""{"id":1,"connect":{"client":"""));
        return client;
    }

    /// <inheritdoc cref="RunningWebSocket.UpgradeRequest"/>
    public string UpgradeRequest(string headers = "") => RunningWebSocket.UpgradeRequest(Url, headers);

    /// <summary>One of its parts.</summary>
    public T Get<T>()
        where T : notnull => _application.Services.GetRequiredService<T>();

    /// <summary>Stops it as a signal would: its clients get the code of a shutdown.</summary>
    public Task StopAsync() => _application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        Http.Dispose();
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1)))
        {
            await _application.StopAsync(limit.Token);
        }

        await _application.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

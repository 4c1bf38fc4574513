using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ClawEvents.Broker.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The real broker on the loopback, in development mode, for the built client to talk to.</summary>
internal sealed class CliBroker : IAsyncDisposable
{
    /// <summary>Signs tokens that it accepts.</summary>
    public const string Secret = "a secret for tests, long enough for HS256";

    private readonly WebApplication _application;

    private readonly string _dataFolder;

    private CliBroker(WebApplication application, string dataFolder) => (_application, _dataFolder) = (application, dataFolder);

    public string Url => _application.Urls.First();

    public int Port => new Uri(Url).Port;

    /// <summary>Starts on <paramref name="port"/>; 0 takes a free one.</summary>
    /// <param name="change">Changes the settings.</param>
    /// <param name="time">Another clock than the system's.</param>
    public static async Task<CliBroker> StartAsync(
        int port = 0, Func<BrokerOptions, BrokerOptions>? change = null, TimeProvider? time = null)
    {
        var dataFolder = Directory.CreateTempSubdirectory("claw-data-").FullName;
        var options = new BrokerOptions
        {
            Listeners = new() { Port = port, Host = "127.0.0.1", Transport = TestTransports.Default },
            Api = new() { DevMode = true, ServerApiKey = RunningBroker.Key },
            State = new() { DataFolder = dataFolder },
            Identity = new() { JwtSecret = Secret },
            Publishing = new() { PublishesPerSecond = 1_000 },
        };
        var application = BrokerApplication.Build(
            change?.Invoke(options) ?? options, builder => builder.Services.AddSingleton(time ?? TimeProvider.System));
        await application.StartAsync();
        return new CliBroker(application, dataFolder);
    }

    /// <summary>Calls the API as another caller than the client under test.</summary>
    public async Task CallAsync(string agent, string path, string body, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = new Uri(Url) };
        using var name = JsonContent.Create(new { username = agent });
        using var registered = await http.PostAsync(new Uri("/auth/dev-register", UriKind.Relative), name, cancellation);
        var answer = await registered.Content.ReadFromJsonAsync<JsonElement>(cancellation);

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer.GetProperty("token").GetString());
        using var content = new StringContent(body);
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content, cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Publishes through the server API, in this order.</summary>
    /// <param name="payloads">JSON.</param>
    public Task PublishAsync(string channel, IEnumerable<string> payloads, CancellationToken cancellation)
    {
        var commands = payloads.Select(payload => $$$"""{"publish":{"channel":"{{{channel}}}","data":{{{payload}}}}}""");
        return CallWithKeyAsync("/api/batch", $$"""{"commands":[{{string.Join(',', commands)}}]}""", cancellation);
    }

    /// <summary>Publishes whole numbers, from the first to the last.</summary>
    public Task PublishNumbersAsync(string channel, int first, int last, CancellationToken cancellation) =>
        PublishAsync(channel, Enumerable.Range(first, last - first + 1).Select(number => $"{number}"), cancellation);

    /// <summary>Calls the server API.</summary>
    public async Task CallWithKeyAsync(string path, string body, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = new Uri(Url) };
        http.DefaultRequestHeaders.Add("X-API-Key", RunningBroker.Key);
        using var content = new StringContent(body);
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content, cancellation);
        Assert.That(await response.Content.ReadAsStringAsync(cancellation), Does.Not.Contain("\"error\""));
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        Directory.Delete(_dataFolder, recursive: true);
    }
}

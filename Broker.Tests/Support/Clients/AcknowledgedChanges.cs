using System.Net.Http.Headers;
using System.Text.Json;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>One agent that changes locks, grants and advertisements over HTTP and remembers the acknowledged changes.</summary>
/// <remarks>A change without an answer may have happened or not, and is not checked.</remarks>
internal sealed class AcknowledgedChanges(string agent, int seed)
{
    private const int Topics = 5;
    private const int Targets = 5;

    private readonly Random _random = new(seed);
    private readonly bool?[] _locked = [.. Enumerable.Repeat<bool?>(false, Topics)];
    private readonly bool?[,] _granted = AllFalse();

    // Null: not known. Empty: not advertised.
    private readonly string?[] _advertised = [.. Enumerable.Repeat("", Topics)];
    private string _token = "";
    private int _changes;

    public async Task RegisterAsync(HttpClient http)
    {
        var answer = await PostAsync(http, "/auth/dev-register", $$"""{"username":"{{agent}}"}""");
        using var json = JsonDocument.Parse(answer);
        _token = json.RootElement.GetProperty("token").GetString()!;
    }

    /// <summary>Makes one change after the other until the broker is gone.</summary>
    public async Task RunAsync(HttpClient http, Action acknowledged)
    {
        try
        {
            while (true)
            {
                await ChangeAsync(http);
                acknowledged();
            }
        }
        catch (HttpRequestException exception) when (exception.StatusCode is null)
        {
            // No answer: it was killed.
        }
    }

    /// <summary>Checks all acknowledged changes.</summary>
    public async Task VerifyAsync(HttpClient http)
    {
        using var locks = JsonDocument.Parse(await http.GetStringAsync(new Uri($"/api/locks/{agent}", UriKind.Relative)));
        var channels = locks.RootElement.GetProperty("lockedChannels").EnumerateArray().Select(channel => channel.GetString()).ToHashSet();
        for (var topic = 0; topic < Topics; topic++)
        {
            if (_locked[topic] is { } isLocked)
            {
                Assert.That(channels.Contains(Channel(topic)), Is.EqualTo(isLocked), $"the lock of {Channel(topic)}");
            }

            await VerifyAdvertisementAsync(http, topic);
            await VerifyGrantsAsync(http, topic);
        }
    }

    private static bool?[,] AllFalse()
    {
        var granted = new bool?[Topics, Targets];
        for (var i = 0; i < granted.Length; i++)
        {
            granted[i / Targets, i % Targets] = false;
        }

        return granted;
    }

    private async Task VerifyAdvertisementAsync(HttpClient http, int topic)
    {
        if (_advertised[topic] is { } description)
        {
            using var answer = await http.GetAsync(new Uri($"/api/advertise/{agent}/{topic}", UriKind.Relative));
            Assert.That(
                await answer.Content.ReadAsStringAsync(),
                description.Length == 0 ? Is.EqualTo("""{"error":"not found"}""") : Does.Contain($"\"description\":\"{description}\""),
                $"the advertisement of {Channel(topic)}");
        }
    }

    // A grant is seen while its channel is locked.
    private async Task VerifyGrantsAsync(HttpClient http, int topic)
    {
        await PostAsync(http, "/api/lock", $$"""{"channel":"{{Channel(topic)}}"}""");
        _locked[topic] = true;
        for (var target = 0; target < Targets; target++)
        {
            if (_granted[topic, target] is { } isGranted)
            {
                var answer = await PostAsync(http, "/proxy/subscribe", $$"""{"channel":"{{Channel(topic)}}","user":"target{{target}}"}""");
                Assert.That(answer == """{"result":{}}""", Is.EqualTo(isGranted), $"the grant of {Channel(topic)} to target{target}");
            }
        }
    }

    private async Task ChangeAsync(HttpClient http)
    {
        var (topic, isOn, kind) = (_random.Next(Topics), _random.Next(2) == 0, _random.Next(3));
        if (kind == 0)
        {
            await AdvertiseAsync(http, topic, isOn ? $"text {++_changes}" : "");
        }
        else if (kind == 1)
        {
            _locked[topic] = null;
            await PostAsync(http, isOn ? "/api/lock" : "/api/unlock", $$"""{"channel":"{{Channel(topic)}}"}""");
            _locked[topic] = isOn;
        }
        else
        {
            var target = _random.Next(Targets);
            _granted[topic, target] = null;
            await PostAsync(http, isOn ? "/api/grant" : "/api/revoke", $$"""{"channel":"{{Channel(topic)}}","target":"target{{target}}"}""");
            _granted[topic, target] = isOn;
        }
    }

    private async Task AdvertiseAsync(HttpClient http, int topic, string description)
    {
        _advertised[topic] = null;
        await (description.Length == 0
            ? SendAsync(http, HttpMethod.Delete, "/api/advertise", $$"""{"channel":"{{Channel(topic)}}"}""")
            : PostAsync(http, "/api/advertise", $$"""{"channel":"{{Channel(topic)}}","description":"{{description}}"}"""));
        _advertised[topic] = description;
    }

    private string Channel(int topic) => $"agent.{agent}.{topic}";

    private Task<string> PostAsync(HttpClient http, string path, string body) => SendAsync(http, HttpMethod.Post, path, body);

    private async Task<string> SendAsync(HttpClient http, HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        using var response = await http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? answer : throw new AssertionException($"{path}: {(int)response.StatusCode} {answer}");
    }
}

using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Finding advertisements: lists, search, one channel; without a token.</summary>
public sealed class AdvertisementsTests : RunningBrokerTests
{
    private readonly ManualTimeProvider _time = new();

    private protected override TimeProvider Time => _time;

    [Test]
    public async Task Advertisements_are_listed_newest_first()
    {
        var first = await AdvertiseAsync("alice", "x", "one");
        var second = await AdvertiseAsync("bob", "y.z", "two");

        var answer = await GetAsync("/api/advertise/list");

        Assert.That(
            answer,
            Is.EqualTo(RunningAnswer.Json(200, $$"""{"ok":true,"count":2,"total":2,"channels":[{{second[..^1]}},"agent":"bob"},{{first[..^1]}},"agent":"alice"}]}""")));
    }

    [Test]
    public async Task An_agents_profile_lists_only_its_own_advertisements()
    {
        var first = await AdvertiseAsync("alice", "x", "one");
        var second = await AdvertiseAsync("alice", "y", "two");
        await AdvertiseAsync("bob", "z", "three");

        Assert.That(
            await GetAsync("/api/profile/alice"),
            Is.EqualTo(RunningAnswer.Json(200, $$"""{"ok":true,"agent":"alice","count":2,"total":2,"channels":[{{second}},{{first}}]}""")));
        Assert.That(
            await GetAsync("/api/advertise/alice"),
            Is.EqualTo(RunningAnswer.Json(200, $$"""{"ok":true,"agent":"alice","count":2,"total":2,"advertisements":[{{second}},{{first}}]}""")));
    }

    [TestCase("nobody")]
    [TestCase("*")]
    [TestCase("ali*")]
    [TestCase("alice%2Fx")]
    [TestCase("alice%0A")]
    [TestCase("%E2%80%A8")]
    [TestCase("%D0%B0lice")]
    [TestCase("app:alice")]
    public async Task An_agent_without_advertisements_has_an_empty_list(string agent)
    {
        await AdvertiseAsync("alice", "x", "one");

        using var answer = JsonDocument.Parse((await GetAsync($"/api/profile/{agent}")).Body);

        Assert.That(answer.RootElement.GetProperty("count").GetInt32(), Is.Zero);
        Assert.That(answer.RootElement.GetProperty("channels").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task A_topic_with_dots_is_one_part_of_the_path()
    {
        var advertisement = await AdvertiseAsync("alice", "x.y", "one");

        Assert.That(await GetAsync("/api/advertise/alice/x.y"), Is.EqualTo(RunningAnswer.Json(200, $$"""{"ok":true,{{advertisement[1..]}}""")));
    }

    [TestCase("alice/x")]
    [TestCase("alice/*")]
    [TestCase("*/x.y")]
    [TestCase("alice.x/y")]
    [TestCase("Alice/x.y")]
    [TestCase("app:alice/x.y")]
    [TestCase("alice/x%2Ey%0A")]
    [TestCase("alice/%D1%85.y")]
    public async Task A_channel_without_an_advertisement_is_not_found(string path)
    {
        await AdvertiseAsync("alice", "x.y", "one");

        Assert.That(await GetAsync($"/api/advertise/{path}"), Is.EqualTo(RunningAnswer.Error(404, "not found")));
    }

    [Test]
    public async Task A_search_echoes_the_query_and_finds_names_and_descriptions()
    {
        var first = await AdvertiseAsync("trader", "prices", "Quotes");
        var second = await AdvertiseAsync("alice", "x", "the PRICES of today");
        await AdvertiseAsync("bob", "y", "nothing");

        Assert.That(
            await GetAsync("/api/advertise/search?q=Prices"),
            Is.EqualTo(RunningAnswer.Json(200, $$"""{"ok":true,"query":"Prices","count":2,"total":2,"results":[{{second[..^1]}},"agent":"alice"},{{first[..^1]}},"agent":"trader"}]}""")));
    }

    [TestCase("", 20)]
    [TestCase("&limit=3", 3)]
    [TestCase("&limit=100", 100)]
    [TestCase("&limit=1000", 100)]
    [TestCase("&limit=99999999999", 0)]
    [TestCase("&limit=many", 0)]
    [TestCase("&limit=0", 0)]
    [TestCase("&limit=-20", 82)]
    [TestCase("&limit=-1", 100)]
    [TestCase("&limit=-200", 0)]
    public async Task A_search_returns_at_most_the_requested_number(string limit, int expected)
    {
        var token = await Broker.RegisterAsync("alice");
        for (var i = 0; i < 102; i++)
        {
            await Broker.PostAsync("/api/advertise", $$"""{"channel":"agent.alice.{{i}}"}""", token);
        }

        using var answer = JsonDocument.Parse((await GetAsync($"/api/advertise/search?q=ALICE{limit}")).Body);

        Assert.That(answer.RootElement.GetProperty("results").GetArrayLength(), Is.EqualTo(expected));
        Assert.That(answer.RootElement.GetProperty("count").GetInt32(), Is.EqualTo(expected));
        Assert.That(answer.RootElement.GetProperty("total").GetInt32(), Is.EqualTo(102));
    }

    [TestCase("")]
    [TestCase("?q=")]
    [TestCase("?q=%20%09")]
    public async Task An_empty_search_is_refused(string query) =>
        Assert.That(await GetAsync($"/api/advertise/search{query}"), Is.EqualTo(RunningAnswer.Error(400, "search query required (use ?q=<query>)")));

    [TestCase("/api/advertise/list", "channels")]
    [TestCase("/api/advertise/alice", "advertisements")]
    [TestCase("/api/profile/alice", "channels")]
    public async Task A_long_list_comes_in_pages(string path, string name)
    {
        for (var i = 0; i < 5; i++)
        {
            await AdvertiseAsync("alice", $"{i}", new string('x', 5000));
        }

        using var answer = JsonDocument.Parse((await GetAsync($"{path}?offset=1&limit=3")).Body);

        Assert.That(
            answer.RootElement.GetProperty(name).EnumerateArray().Select(item => item.GetProperty("channel").GetString()),
            Is.EqualTo(new[] { "agent.alice.3", "agent.alice.2", "agent.alice.1" }));
        Assert.That(answer.RootElement.GetProperty("total").GetInt32(), Is.EqualTo(5));
    }

    [Test]
    public async Task Invalid_pages_are_refused(
        [Values("/api/advertise/list", "/api/advertise/alice", "/api/profile/alice")] string path,
        [Values("limit=0", "limit=1001", "limit=-1", "limit=x", "offset=-1", "offset=99999999999", "limit=")] string query) =>
        Assert.That(
            await GetAsync($"{path}?{query}"),
            Is.EqualTo(RunningAnswer.Error(400, "offset must be a number from 0, and limit a number from 1 to 1000")));

    [Test]
    public async Task A_list_of_several_megabytes_arrives_as_a_whole()
    {
        var token = await Broker.RegisterAsync("alice");
        for (var i = 0; i < 100; i++)
        {
            await Broker.PostAsync("/api/advertise", $$"""{"channel":"agent.alice.{{i}}","schema":"{{new string('x', 32_000)}}"}""", token);
        }

        using var answer = JsonDocument.Parse((await GetAsync("/api/advertise/list")).Body);

        Assert.That(answer.RootElement.GetProperty("channels").EnumerateArray().Sum(item => item.GetProperty("schema").GetString()!.Length), Is.EqualTo(3_200_000));
    }

    // The advertisement as it is written; each is a second younger than the one before.
    private async Task<string> AdvertiseAsync(string agent, string topic, string description)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        var answer = await Broker.PostAsync(
            "/api/advertise",
            $$"""{"channel":"agent.{{agent}}.{{topic}}","description":"{{description}}"}""",
            await Broker.RegisterAsync(agent));
        using var json = JsonDocument.Parse(answer.Body);
        return json.RootElement.GetProperty("data").GetRawText();
    }

    private Task<RunningAnswer> GetAsync(string path) => Broker.SendAsync(HttpMethod.Get, path, null);
}

using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api.Server;

/// <summary><c>GET /api/top</c> of one node.</summary>
public sealed class TopTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with { Publishing = options.Publishing with { PublishesPerSecond = 0 } };

    [Test]
    public async Task Channels_are_ranked_by_messages_bytes_deliveries_and_subscribers()
    {
        var (first, second) = (await Broker.ConnectAsync(), await Broker.ConnectAsync());
        await first.SubscribeAsync("public.few");
        await second.SubscribeAsync("public.few");
        await first.SubscribeAsync("public.other");
        foreach (var _ in Enumerable.Range(0, 3))
        {
            await Broker.PublishAsync("public.many", "1");
        }

        await Broker.PublishAsync("public.few", $"\"{new string('x', 98)}\"");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await RowsAsync("messages"), Is.EqualTo(new[] { ("public.many", 3, 0), ("public.few", 1, 0) }));
            Assert.That(await RowsAsync("bytes"), Is.EqualTo(new[] { ("public.few", 100, 0), ("public.many", 3, 0) }));
            Assert.That(await RowsAsync("deliveries"), Is.EqualTo(new[] { ("public.few", 2, 0) }));
            Assert.That(await RowsAsync("subscribers"), Is.EqualTo(new[] { ("public.few", 2, 0), ("public.other", 1, 0) }));
            Assert.That((await AskAsync("by=subscribers&limit=1")).GetProperty("others").GetInt32(), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task A_named_channel_is_counted_exactly_from_the_question_on()
    {
        await Broker.PublishAsync("public.a", "1");
        var before = await AskAsync("channel=public.a&channel=public.b&channel=public.a");
        var client = await Broker.ConnectAsync();
        await client.SubscribeAsync("public.a");
        await Broker.PublishAsync("public.a", "123");

        var after = await AskAsync("channel=public.a");

        Assert.That(before.GetProperty("channels").EnumerateArray().Select(Counts), Is.EqualTo(new[] { ("public.a", 0, 0, 0, 0), ("public.b", 0, 0, 0, 0) }));
        Assert.That(after.GetProperty("channels").EnumerateArray().Select(Counts), Is.EqualTo(new[] { ("public.a", 1, 3, 1, 1) }));
    }

    [TestCase("by=age", 400, "by must be one of messages, bytes, deliveries, subscribers")]
    [TestCase("limit=0", 400, "limit must be a number from 1 to 1000")]
    [TestCase("limit=x", 400, "limit must be a number from 1 to 1000")]
    [TestCase("channel=%C3%A9", 400, "channel must be the name of a channel, and may be repeated up to 20 times")]
    [TestCase("node=x", 404, "no node of that id has answered")]
    public async Task A_wrong_question_is_refused(string query, int status, string message) =>
        Assert.That(await SendAsync(query, RunningBroker.Key), Is.EqualTo(RunningAnswer.Error(status, message)));

    [Test]
    public async Task Strangers_learn_nothing() => Assert.That((await SendAsync("", "wrong")).Status, Is.EqualTo(401));

    private static (string?, int, int, int, int) Counts(JsonElement row) => (
        row.GetProperty("channel").GetString(), row.GetProperty("messages").GetInt32(), row.GetProperty("bytes").GetInt32(), row.GetProperty("deliveries").GetInt32(), row.GetProperty("subscribers").GetInt32());

    // Without the system's timers.
    private async Task<IEnumerable<(string, int, int)>> RowsAsync(string by) =>
        (await AskAsync($"by={by}")).GetProperty("channels").EnumerateArray()
            .Select(row => (row.GetProperty("channel").GetString()!, row.GetProperty("count").GetInt32(), row.GetProperty("error").GetInt32()))
            .Where(row => !row.Item1.StartsWith("system.", StringComparison.Ordinal));

    private async Task<JsonElement> AskAsync(string query)
    {
        var answer = await SendAsync(query, RunningBroker.Key);
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        return JsonDocument.Parse(answer.Body).RootElement;
    }

    private Task<RunningAnswer> SendAsync(string query, string key) => Broker.SendAsync(HttpMethod.Get, $"/api/top?{query}", null, ("X-API-Key", key));
}

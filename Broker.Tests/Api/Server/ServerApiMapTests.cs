using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api.Server;

/// <summary>The methods of Centrifugo's server API for maps.</summary>
[Checklist(190)]
public sealed class ServerApiMapTests : RunningBrokerTests
{
    private static readonly MapOptions Persistent = new() { Mode = MapMode.Persistent, StreamSize = 10, StreamTtl = TimeSpan.FromMinutes(1) };

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Namespaces = TestNamespaces.Of(
            ("board", new() { SubscriptionType = SubscriptionType.Map, Map = Persistent, HistorySize = 5, HistoryTtl = TimeSpan.FromMinutes(1) }),
            ("ranks", new() { SubscriptionType = SubscriptionType.Map, Map = Persistent with { IsOrdered = true } }),
            ("cursors", new() { SubscriptionType = SubscriptionType.Map, Map = new() { KeyTtl = TimeSpan.FromMinutes(1), MetaTtl = TimeSpan.FromHours(1) } }),
            ("objects", new() { SubscriptionType = SubscriptionType.Map, Map = Persistent, PayloadFormat = PayloadFormat.JsonObject }),
            ("chat", TestNamespaces.Open)),
    };

    [Test]
    public async Task A_key_is_published_read_and_removed()
    {
        var published = await ResultAsync("map_publish", """{"channel":"board:a","key":"k1","data":{"a":1},"tags":{"t":"1"},"score":-2}""");
        await ResultAsync("map_publish", """{"channel":"board:a","key":"k2","b64data":"eyJiIjoyfQ=="}""");
        var epoch = published.GetProperty("epoch").GetString();

        var state = await ResultAsync("map_read_state", """{"channel":"board:a","limit":10}""");
        var stats = await ResultAsync("map_stats", """{"channel":"board:a"}""");
        var removed = await ResultAsync("map_remove", """{"channel":"board:a","key":"k1"}""");
        var stream = await ResultAsync("map_read_stream", """{"channel":"board:a","limit":-1,"since_offset":1}""");

        var first = state.GetProperty("entries")[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(published.GetProperty("offset").GetInt32(), Is.EqualTo(1));
            Assert.That(first.GetProperty("time").GetInt64(), Is.Positive);
            Assert.That(WithoutTime(first), Is.EqualTo("""{"data":{"a":1},"offset":1,"tags":{"t":"1"},"key":"k1","score":-2}"""));
            Assert.That((state.GetProperty("offset").GetInt32(), state.GetProperty("epoch").GetString(), state.TryGetProperty("cursor", out _)), Is.EqualTo((2, epoch, false)));
            Assert.That(stats.GetRawText(), Is.EqualTo("""{"num_keys":2}"""));
            Assert.That(removed.GetRawText(), Is.EqualTo($$"""{"offset":3,"epoch":"{{epoch}}"}"""));
            Assert.That(stream.GetProperty("entries").EnumerateArray().Select(WithoutTime), Is.EqualTo(new[]
            {
                """{"data":{"b":2},"offset":2,"key":"k2"}""",
                """{"offset":3,"tags":{"t":"1"},"key":"k1","removed":true}""",
            }));
        }
    }

    [Test]
    public async Task A_change_that_is_suppressed_says_why()
    {
        await ResultAsync("map_publish", """{"channel":"board:a","key":"k","data":1,"version":5,"idempotency_key":"p"}""");

        Assert.That(await ReasonAsync("map_publish", """{"channel":"board:a","key":"k","data":1,"idempotency_key":"p"}"""), Is.EqualTo("idempotency"));
        Assert.That(await ReasonAsync("map_publish", """{"channel":"board:a","key":"k","data":1,"version":5}"""), Is.EqualTo("version"));
        Assert.That(await ReasonAsync("map_publish", """{"channel":"board:a","key":"k","data":1,"key_mode":"if_new"}"""), Is.EqualTo("key_exists"));
        Assert.That(await ReasonAsync("map_publish", """{"channel":"board:a","key":"x","data":1,"key_mode":"if_exists"}"""), Is.EqualTo("key_not_found"));
        Assert.That(await ReasonAsync("map_remove", """{"channel":"board:a","key":"x"}"""), Is.EqualTo("key_not_found"));
    }

    [Test]
    public async Task Pages_have_a_cursor_and_may_be_read_by_score()
    {
        foreach (var (key, score) in new[] { ("a", 1), ("b", 3), ("c", 2) })
        {
            await ResultAsync("map_publish", $$"""{"channel":"ranks:a","key":"{{key}}","data":{{score}},"score":{{score}}}""");
        }

        var first = await ResultAsync("map_read_state", """{"channel":"ranks:a","limit":2}""");
        var second = await ResultAsync("map_read_state", $$"""{"channel":"ranks:a","limit":2,"cursor":"{{first.GetProperty("cursor").GetString()}}"}""");
        var ascending = await ResultAsync("map_read_state", """{"channel":"ranks:a","limit":2,"asc":true}""");
        var one = await ResultAsync("map_read_state", """{"channel":"ranks:a","key":"b"}""");
        var position = await ResultAsync("map_read_state", """{"channel":"ranks:a"}""");

        Assert.That(new[] { first, second, ascending, one }.Select(KeysIn), Is.EqualTo(new[] { "b c", "a", "a c", "b" }));
        Assert.That(position.TryGetProperty("entries", out _), Is.False);
        Assert.That(position.GetProperty("offset").GetInt32(), Is.EqualTo(3));
    }

    [Test]
    public async Task A_map_that_is_cleared_has_another_epoch()
    {
        var published = await ResultAsync("map_publish", """{"channel":"board:a","key":"k","data":1}""");
        var epoch = published.GetProperty("epoch").GetString();

        Assert.That((await ResultAsync("map_clear", """{"channel":"board:a"}""")).GetRawText(), Is.EqualTo("{}"));

        Assert.That((await ResultAsync("map_stats", """{"channel":"board:a"}""")).GetRawText(), Is.EqualTo("{}"));
        Assert.That(await ErrorAsync("map_read_state", $$"""{"channel":"board:a","limit":1,"revision_epoch":"{{epoch}}"}"""), Is.EqualTo("""{"code":112,"message":"unrecoverable position"}"""));
        Assert.That(await ErrorAsync("map_read_stream", $$"""{"channel":"board:a","limit":1,"since_offset":1,"since_epoch":"{{epoch}}"}"""), Is.EqualTo("""{"code":112,"message":"unrecoverable position"}"""));
    }

    [Test]
    public async Task A_value_that_is_no_JSON_is_read_in_base64()
    {
        await ResultAsync("map_publish", """{"channel":"board:a","key":"k","b64data":"/wA="}""");

        var state = await ResultAsync("map_read_state", """{"channel":"board:a","limit":1}""");

        Assert.That(WithoutTime(state.GetProperty("entries")[0]), Is.EqualTo("""{"b64data":"/wA=","offset":1,"key":"k"}"""));
    }

    [Test]
    public async Task Subscribers_may_get_something_else_than_the_value()
    {
        await ResultAsync("map_publish", """{"channel":"board:a","key":"k","data":12,"stream_data":"+1"}""");

        Assert.That((await ResultAsync("map_read_stream", """{"channel":"board:a","limit":1}""")).GetProperty("entries")[0].GetProperty("data").GetRawText(), Is.EqualTo("\"+1\""));
        Assert.That((await ResultAsync("map_read_state", """{"channel":"board:a","limit":1}""")).GetProperty("entries")[0].GetProperty("data").GetRawText(), Is.EqualTo("12"));
    }

    [TestCase("map_publish", """{"channel":"board:a","data":1}""", 107, "a map needs a key")]
    [TestCase("map_publish", """{"channel":"board:a","key":"k"}""", 107, "bad request: data, or b64data in base64, is needed")]
    [TestCase("map_publish", """{"channel":"objects:a","key":"k","data":1}""", 107, "bad request: data must be a JSON object (publication_data_format)")]
    [TestCase("map_publish", """{"channel":"board:a","key":"k","data":1,"key_mode":"never"}""", 107, "bad request: key_mode is if_new, if_exists, or left out")]
    [TestCase("map_publish", """{"channel":"board:a","key":"k","data":1,"b64stream_data":"?"}""", 107, "bad request: b64stream_data is not base64")]
    [TestCase("map_publish", """{"channel":"cursors:a","key":"k","data":1,"version":1}""", 107, "a version needs a map whose mode is recoverable or persistent")]
    [TestCase("map_publish", """{"channel":"chat:a","key":"k","data":1}""", 107, "bad request: the channel is no map (subscription_type)")]
    [TestCase("map_publish", """{"channel":"nowhere:a","key":"k","data":1}""", 102, "unknown channel")]
    [TestCase("map_publish", """{"key":"k","data":1}""", 107, "a channel name is 1 to 255 bytes of printable ASCII")]
    [TestCase("map_remove", """{"channel":"board:a"}""", 107, "a map needs a key")]
    [TestCase("map_remove", """{"channel":"public.a","key":"k"}""", 107, "bad request: the channel is no map (subscription_type)")]
    [TestCase("map_read_state", """{"channel":"chat:a"}""", 107, "bad request: the channel is no map (subscription_type)")]
    [TestCase("map_read_state", """{"channel":"ranks:a","cursor":"k"}""", 107, "the cursor is that of another page or map; begin again without one")]
    [TestCase("map_read_stream", """{"channel":"nowhere:a"}""", 102, "unknown channel")]
    [TestCase("map_stats", """{"channel":"chat:a"}""", 107, "bad request: the channel is no map (subscription_type)")]
    [TestCase("map_clear", """{"channel":"chat:a"}""", 107, "bad request: the channel is no map (subscription_type)")]
    [TestCase("history", """{"channel":"board:a"}""", 108, "not available")]
    [TestCase("history_remove", """{"channel":"board:a"}""", 108, "not available")]
    [TestCase("publish", """{"channel":"board:a","data":1}""", 107, "bad request: the channel is a map: use map_publish")]
    public async Task A_call_that_a_map_cannot_answer_is_an_error_with_a_reason(string method, string body, int code, string message)
    {
        var error = await ErrorAsync(method, body);

        Assert.That(error, Does.Contain($"\"code\":{code}").And.Contain(message));
    }

    [Test]
    public async Task A_batch_may_have_changes_of_maps()
    {
        var answer = await Broker.PostWithKeyAsync("/api/batch", """{"commands":[{"map_publish":{"channel":"board:a","key":"k","data":1}},{"map_stats":{"channel":"board:a"}},{"map_remove":{"channel":"board:a","key":"k"}}]}""");

        Assert.That(answer.Body, Does.StartWith("""{"replies":[{"map_publish":{"offset":1,""").And.Contain("""{"map_stats":{"num_keys":1}},{"map_remove":{"offset":2,"""));
    }

    [Test]
    public async Task A_key_that_is_too_long_is_refused() =>
        Assert.That(await ErrorAsync("map_publish", $$"""{"channel":"board:a","key":"{{new string('é', 513)}}","data":1}"""), Does.Contain("a key is at most 1024 bytes"));

    private async Task<JsonElement> ResultAsync(string method, string body)
    {
        var answer = await Broker.PostWithKeyAsync($"/api/{method}", body);
        return JsonElement.Parse(answer.Body).TryGetProperty("result", out var result) ? result : throw new AssertionException(answer.Body);
    }

    private async Task<string> ErrorAsync(string method, string body) =>
        JsonElement.Parse((await Broker.PostWithKeyAsync($"/api/{method}", body)).Body).GetProperty("error").GetRawText();

    private async Task<string?> ReasonAsync(string method, string body)
    {
        var result = await ResultAsync(method, body);
        Assert.That(result.GetProperty("suppressed").GetBoolean(), Is.True);
        return result.GetProperty("suppress_reason").GetString();
    }

    private static string KeysIn(JsonElement page) => string.Join(' ', page.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("key").GetString()));

    private static string WithoutTime(JsonElement entry) =>
        entry.GetRawText().Replace($"\"time\":{entry.GetProperty("time").GetRawText()},", "", StringComparison.Ordinal);
}

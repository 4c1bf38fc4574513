using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>In production, strangers get no answers to the proxy questions, which say who may do what.</summary>
public sealed class ProxyAccessTests : RunningBrokerTests
{
    private const string Question = "{\"channel\":\"public.a\",\"user\":\"alice\"}";

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Api = options.Api with { DevMode = false, ServerApiKey = "key" } };

    [TestCase("/proxy/subscribe")]
    [TestCase("/proxy/publish")]
    public async Task A_stranger_gets_404_and_the_server_key_an_answer(string path)
    {
        var stranger = await Broker.PostAsync(path, Question);
        var wrongKey = await Broker.PostAsync($"{path}?api_key=wrong", Question);
        var rightKey = await Broker.PostAsync($"{path}?api_key=key", Question);

        Assert.That((stranger.Status, wrongKey.Status, rightKey.Status), Is.EqualTo((404, 404, 200)));
    }
}

public sealed class ProxySettingTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with { Api = options.Api with { DevMode = false, ShowsProxyEndpoints = true } };

    [Test]
    public async Task The_setting_opens_the_questions_to_anyone()
    {
        Assert.That((await Broker.PostAsync("/proxy/subscribe", "{\"channel\":\"public.a\"}")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Questions_to_publish_have_the_limits_of_a_publish()
    {
        var question = "{\"client\":\"c1\",\"channel\":\"agent.alice.x\",\"user\":\"alice\",\"data\":1}";
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Broker.PostAsync("/proxy/publish", question)));
        var tooLong = await Broker.PostAsync("/proxy/publish", $$"""{"channel":"agent.bob.x","user":"bob","data":"{{new string('x', 20_000)}}"}""");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers.Count(answer => answer.Body == "{\"result\":{}}"), Is.InRange(5, 10));
            Assert.That(answers.Count(answer => answer.Body.Contains("\"code\":429", StringComparison.Ordinal)), Is.InRange(10, 15));
            Assert.That(tooLong.Body, Is.EqualTo("{\"error\":{\"code\":413,\"message\":\"payload too large (max 16384 bytes)\"}}"));
        }
    }
}

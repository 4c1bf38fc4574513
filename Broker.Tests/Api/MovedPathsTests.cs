using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Paths of operators and back ends that a setting has moved.</summary>
public sealed class MovedPathsTests : RunningBrokerTests
{
    private const string Publish = """{"channel":"public.a","data":1}""";

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Api = options.Api with { ServerApiPath = "/centrifugo/api", ShowsAdmin = true, AdminPath = "/console", ApiPagePath = "/swagger" },
    };

    [TestCase("/publish", Publish)]
    [TestCase("/info", "{}")]
    [TestCase("/batch", """{"commands":[{"info":{}}]}""")]
    [TestCase("", """{"method":"info","params":{}}""")]
    public async Task The_server_API_is_at_its_path_and_no_longer_at_the_usual_one(string method, string body)
    {
        var (there, here) = (await Broker.PostWithKeyAsync($"/centrifugo/api{method}", body), await Broker.PostWithKeyAsync($"/api{method}", body));

        Assert.That((there.Status, here.Status is 401 or 404), Is.EqualTo((200, true)));
    }

    [Test]
    public async Task Without_the_key_the_server_API_is_closed_there_too() =>
        Assert.That((await Broker.PostAsync("/centrifugo/api/publish", Publish)).Status, Is.EqualTo(401));

    [Test]
    public async Task The_claw_events_API_stays() => Assert.That(
        (await Broker.PostAsync("/api/publish", """{"channel":"public.a","payload":1}""", await Broker.RegisterAsync("alice"))).Status, Is.EqualTo(200));

    [TestCase("/console", "/admin")]
    [TestCase("/swagger", "/docs/api")]
    public async Task Other_paths_lead_to_the_pages(string path, string page)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Broker.Url, Timeout = RunningBroker.Patience };
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));

        Assert.That(((int)answer.StatusCode, answer.Headers.Location?.OriginalString), Is.EqualTo((302, page)));
    }
}

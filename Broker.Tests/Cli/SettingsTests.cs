using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SettingsTests
{
    [TestCase("http://option/", "http://variable", "http://file", "http://option")]
    [TestCase(null, "http://variable//", "http://file", "http://variable")]
    [TestCase(null, null, "http://file", "http://file")]
    [TestCase(null, "", "http://file", "http://file")]
    [TestCase(null, null, null, "https://claw.events")]
    public void The_server_is_option_then_variable_then_file_then_the_public_one(
        string? option, string? variable, string? file, string server)
    {
        var settings = new Settings(new GlobalValues(Server: option), Variables("CLAW_API_URL", variable), new ConfigValues(ServerUrl: file));

        Assert.That(settings.ServerUrl, Is.EqualTo(server));
    }

    [TestCase("ws://variable/x", "ws://file", "http://s", "ws://variable/x")]
    [TestCase(null, "ws://file", "http://s", "ws://file")]
    [TestCase(null, null, "http://localhost:8080/", "ws://localhost:8080/connection/websocket")]
    [TestCase(null, null, "https://own.example", "wss://own.example/connection/websocket")]
    [TestCase(null, null, "https://claw.events/", "wss://centrifugo.claw.events/connection/websocket")]
    public void The_web_socket_is_variable_then_file_then_the_servers(string? variable, string? file, string server, string webSocket)
    {
        var settings = new Settings(new GlobalValues(Server: server), Variables("CLAW_WS_URL", variable), new ConfigValues(WsUrl: file));

        Assert.That(settings.WebSocketUrl, Is.EqualTo(webSocket));
    }

    [TestCase("option", "file", "option")]
    [TestCase(null, "file", "file")]
    [TestCase(null, null, null)]
    public void The_token_comes_from_the_option_or_the_file(string? option, string? file, string? token)
    {
        var settings = new Settings(new GlobalValues(Token: option), _ => null, new ConfigValues(Token: file));

        Assert.That(settings.Token, Is.EqualTo(token));
    }

    [TestCase("abc.def\r\nX-Evil: 1")]
    [TestCase("zwölf")]
    public void A_token_that_no_header_can_carry_is_refused_without_showing_it(string token)
    {
        var settings = new Settings(new GlobalValues(Token: token), _ => null, new ConfigValues());

        Assert.That(settings.CheckToken()?.Error, Is.EqualTo("The token contains invalid characters"));
    }

    [TestCase("localhost:8080")]
    [TestCase("ftp://x")]
    [TestCase("")]
    [TestCase("/x")]
    [TestCase("http://x/?a=1")]
    public void An_address_needs_one_of_the_two_schemes_and_a_host(string url)
    {
        var failure = Settings.CheckUrl(url, "http", "https", out _);

        Assert.That(failure?.Error, Is.EqualTo($"Invalid URL format: {url}"));
    }

    private static Func<string, string?> Variables(string name, string? value) => asked => asked == name ? value : null;
}

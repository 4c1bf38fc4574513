using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>The receiver on docs/how-to/receive-webhooks.md, as it is there, with a real broker.</summary>
public sealed partial class WebhookPageTests : RunningBrokerTests, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Namespaces = TestNamespaces.Of(("chat", TestNamespaces.History)),
        Webhooks = new() { AllowedNetworks = [IPNetwork.Parse("127.0.0.1/32")], AllowsHttp = true },
    };

    [Test]
    public async Task The_receiver_of_the_page_takes_what_the_broker_has_signed_and_nothing_else()
    {
        await OfficialClient.InstallAsync();
        var alice = await Broker.RegisterAsync("alice");
        var port = FreePort();
        var added = JsonElement.Parse((await Broker.PostAsync("/api/webhooks", $$"""{"channel":"chat:news","url":"http://127.0.0.1:{{port}}/hook"}""", alice)).Body);
        var secret = added.GetProperty("secret").GetString()!;
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "receiver.mjs"), ReadScript());
        await using var receiver = RunningProcess.Start("node", ["receiver.mjs"], _folder.Path, ("WEBHOOK_SECRET", secret), ("PORT", $"{port}"));
        Assert.That(await receiver.ReadLineAsync(), Is.EqualTo($"listening on {port}"));

        await Broker.PublishAsync("chat:news", """{"text":"hé"}""");

        Assert.That(await receiver.ReadLineAsync(), Is.EqualTo("""publication {"text":"hé"}"""));
        using (Assert.EnterMultipleScope())
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            Assert.That(await PostAsync(port, now, WebhookSignature.Sign(secret, "id", now, "{}"u8)), Is.EqualTo(HttpStatusCode.NoContent));
            Assert.That(await PostAsync(port, now, WebhookSignature.Sign(WebhookSignature.NewSecret(), "id", now, "{}"u8)), Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(await PostAsync(port, now, WebhookSignature.Sign(secret, "id", now, "{ }"u8)), Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(await PostAsync(port, now - 600, WebhookSignature.Sign(secret, "id", now - 600, "{}"u8)), Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(await PostAsync(port, now, ""), Is.EqualTo(HttpStatusCode.Unauthorized));
        }
    }

    private static async Task<HttpStatusCode> PostAsync(int port, long timestamp, string signature)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/hook") { Content = new StringContent("{}") };
        request.Headers.Add("webhook-id", "id");
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", signature);
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private static string ReadScript() =>
        Script().Match(File.ReadAllText(Path.Combine(RunningProcess.SolutionFolder, "docs/how-to/receive-webhooks.md"))).Groups[1].Value;

    [GeneratedRegex("```js\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Script();
}

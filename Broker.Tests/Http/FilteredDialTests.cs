using System.Net;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Http;

/// <summary>Connections of an HTTP client to hosts that a stranger has named.</summary>
internal sealed class FilteredDialTests
{
    private static readonly IPAddress Here = IPAddress.Loopback;
    private static readonly IPAddress Elsewhere = IPAddress.Parse("10.255.255.1");

    private readonly List<string> _asked = [];

    [Test]
    public async Task A_name_is_resolved_once_and_the_connection_goes_to_the_address_that_was_checked()
    {
        await using var receiver = await RunningReceiver.StartAsync();

        // The second answer of the name server is an address that is refused, as with DNS rebinding.
        using var client = Client([Here], [Elsewhere]);

        using var answer = await PostAsync(client, receiver, "evil.example");

        Assert.That((answer.StatusCode, _asked), Is.EqualTo((HttpStatusCode.OK, new[] { "evil.example" })));
    }

    [Test]
    public async Task A_name_whose_address_is_refused_the_second_time_gets_no_second_connection()
    {
        await using var receiver = await RunningReceiver.StartAsync();
        using var client = Client([Here], [Elsewhere]);
        using var first = await PostAsync(client, receiver, "evil.example", close: true);

        Assert.That(async () => await PostAsync(client, receiver, "evil.example"), Throws.InstanceOf<HttpRequestException>().With.InnerException.TypeOf<AddressRefusedException>());
        Assert.That(receiver.Accepted, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Of_several_addresses_of_a_name_only_the_allowed_ones_are_tried()
    {
        await using var receiver = await RunningReceiver.StartAsync();
        using var client = Client([Elsewhere, Here]);

        using var answer = await PostAsync(client, receiver, "both.example");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("127.0.0.1")]
    [TestCase("127.1")]
    [TestCase("0x7f.1")]
    [TestCase("2130706433")]
    [TestCase("0177.0.0.1")]
    [TestCase("[::1]")]
    [TestCase("[::ffff:127.0.0.1]")]
    [TestCase("localhost")]
    public async Task An_address_that_is_not_public_is_refused_however_it_is_written(string host)
    {
        await using var receiver = await RunningReceiver.StartAsync();
        var dial = new FilteredDial(new AddressFilter([]));
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = dial.ConnectAsync, UseProxy = false });

        Assert.That(async () => await PostAsync(client, receiver, host), Throws.InstanceOf<HttpRequestException>().With.InnerException.TypeOf<AddressRefusedException>());
        Assert.That(receiver.Asked, Is.Empty);
    }

    // The resolver's answers, one for each question.
    private HttpClient Client(params IPAddress[][] answers)
    {
        var dial = new FilteredDial(new AddressFilter([new IPNetwork(Here, 32)]), (host, _) =>
        {
            _asked.Add(host);
            return Task.FromResult(answers[_asked.Count - 1]);
        });
        return new HttpClient(new SocketsHttpHandler { ConnectCallback = dial.ConnectAsync, UseProxy = false });
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, RunningReceiver receiver, string host, bool close = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{host}:{receiver.Origin.Port}/") { Content = new StringContent("{}") };
        request.Headers.ConnectionClose = close;
        return await client.SendAsync(request);
    }
}

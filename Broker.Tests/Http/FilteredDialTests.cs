using System.Collections.Concurrent;
using System.Net;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Http;

/// <summary>Connections of an HTTP client to hosts that a stranger has named.</summary>
internal sealed class FilteredDialTests : IDisposable
{
    private static readonly IPAddress Here = IPAddress.Loopback;
    private static readonly IPAddress Elsewhere = IPAddress.Parse("10.255.255.1");

    private readonly List<string> _asked = [];
    private FilteredDial? _dial;

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
        using var dial = new FilteredDial(new AddressFilter([]));
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = dial.ConnectAsync, UseProxy = false });

        Assert.That(async () => await PostAsync(client, receiver, host), Throws.InstanceOf<HttpRequestException>().With.InnerException.TypeOf<AddressRefusedException>());
        Assert.That(receiver.Asked, Is.Empty);
    }

    [Test]
    public async Task Name_servers_that_do_not_answer_occupy_a_few_places_until_they_do()
    {
        var names = new ConcurrentQueue<TaskCompletionSource<IPAddress[]>>();
        using var dial = new FilteredDial(new AddressFilter([]), _ =>
        {
            var name = new TaskCompletionSource<IPAddress[]>(TaskCreationOptions.RunContinuationsAsynchronously);
            names.Enqueue(name);
            return name.Task;
        });
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = dial.ConnectAsync, UseProxy = false });
        using var cancellation = new CancellationTokenSource();
        var first = Enumerable.Range(0, FilteredDial.MaxResolving).Select(n => client.GetAsync(new Uri($"http://n{n}.example/"), cancellation.Token)).ToList();
        await Eventually.IsTrueAsync(() => names.Count == FilteredDial.MaxResolving);
        await cancellation.CancelAsync();
        foreach (var request in first)
        {
            Assert.That(async () => await request, Throws.InstanceOf<OperationCanceledException>());
        }

        // Those that asked have gone, but the resolver has not.
        var last = client.GetAsync(new Uri("http://last.example/"));
        Assert.That(names, Has.Count.EqualTo(FilteredDial.MaxResolving));
        names.First().SetResult([]);
        await Eventually.IsTrueAsync(() => names.Count == FilteredDial.MaxResolving + 1);
        names.Last().SetResult([]);

        Assert.That(async () => await last, Throws.InstanceOf<HttpRequestException>().With.InnerException.TypeOf<AddressRefusedException>());
    }

    public void Dispose() => _dial?.Dispose();

    // The resolver's answers, one for each question.
    private HttpClient Client(params IPAddress[][] answers)
    {
        _dial = new FilteredDial(new AddressFilter([new IPNetwork(Here, 32)]), host =>
        {
            _asked.Add(host);
            return Task.FromResult(answers[_asked.Count - 1]);
        });
        return new HttpClient(new SocketsHttpHandler { ConnectCallback = _dial.ConnectAsync, UseProxy = false });
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, RunningReceiver receiver, string host, bool close = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{host}:{receiver.Origin.Port}/") { Content = new StringContent("{}") };
        request.Headers.ConnectionClose = close;
        return await client.SendAsync(request);
    }
}

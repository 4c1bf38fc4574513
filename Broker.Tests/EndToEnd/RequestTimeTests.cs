using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A client that stops in the middle of a request holds nothing for long.</summary>
public sealed class RequestTimeTests : RunningBrokerTests
{
    private readonly ManualTimeProvider _time = new();

    private protected override TimeProvider Time => _time;

    [Test]
    public async Task A_body_that_does_not_arrive_in_30_seconds_is_a_408()
    {
        await using var client = await RunningWebSocket.OpenAsync(Broker.Url);

        // Once it belongs to HTTP, the deadline for its first bytes is over.
        await client.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.That(await client.ReadHeadAsync(), Does.StartWith("HTTP/1.1 200 "));
        await client.ReadAsciiAsync(RunningAnswer.Healthy.Length);
        await client.SendAsync("POST /auth/init HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{");
        var answer = client.ReadHeadAsync();
        await PassUntilAsync(answer, TimeSpan.FromSeconds(31));

        Assert.That(await answer, Does.StartWith("HTTP/1.1 408 "));
    }

    [Test]
    public async Task A_socket_that_says_nothing_is_closed()
    {
        await using var client = await RunningWebSocket.OpenAsync(Broker.Url);

        var end = client.ReadToEndAsync();
        await PassUntilAsync(end, TimeSpan.FromSeconds(11));

        Assert.That(await end, Is.Empty);
    }

    [Test]
    public async Task A_body_over_the_limit_of_its_path_is_a_413_although_the_server_accepts_more()
    {
        var answer = await Broker.PostAsync("/auth/init", $$"""{"username":"{{new string('a', 65_536)}}"}""");

        Assert.That(answer.Status, Is.EqualTo(413));
    }

    // The broker may set its deadline only after the clock was moved: so it moves again.
    private Task<TimeSpan> PassUntilAsync(Task over, TimeSpan step) => Eventually.IsTrueAsync(() =>
    {
        _time.Advance(step);
        return over.IsCompleted;
    });
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd.Autobahn;

/// <summary>The cases of the Autobahn test suite by their numbers, over all ways in. docs/contributing/autobahn.md has the table.</summary>
/// <remarks>One broker of each transport serves them all: each case has a connection of its own.</remarks>
public sealed class AutobahnTests
{
    public enum WayIn
    {
        /// <summary>The broker's own engine.</summary>
        Plain,

        /// <summary>The HTTP endpoint: the connection served another request before.</summary>
        Reused,

        /// <summary>The same engine over pipes, on Kestrel's sockets.</summary>
        Sockets,
    }

    private const byte CompressedText = 0xC1;

    private static readonly Dictionary<string, AutobahnCase> Cases = AutobahnCases.All.ToDictionary(one => one.Number);

    private static RunningBroker _broker = null!;
    private static RunningBroker _brokerOnSockets = null!;

    public static IEnumerable<string> Numbers => AutobahnCases.All.Select(one => one.Number);

    [OneTimeSetUp]
    public static async Task StartBrokers()
    {
        _broker = await StartAsync(TestTransport.Default);
        _brokerOnSockets = await StartAsync(TestTransport.Sockets);
    }

    [OneTimeTearDown]
    public static async Task StopBrokers()
    {
        foreach (var broker in new[] { _broker, _brokerOnSockets })
        {
            await broker.DisposeAsync();
            Assert.That(broker.Errors, Is.Empty);
        }
    }

    [Test]
    public async Task A_case_is_answered_as_the_page_says([ValueSource(nameof(Numbers))] string number, [Values] WayIn way)
    {
        var one = Cases[number];
        await using var client = await ConnectAsync(one, way);

        foreach (var write in one.Writes())
        {
            await client.SendAsync(write);
        }

        Assert.That(await ReadAnswersAsync(client, one.Answers.Length), Is.EqualTo(one.Answers));
        await AssertEndAsync(client, one);
    }

    private static Task<RunningBroker> StartAsync(TestTransport transport) => RunningBroker.StartAsync(options => options with
    {
        Listeners = options.Listeners with { Transport = TestTransports.KindOf(transport) },
        Connections = options.Connections with { MaxMessageBytes = LimitCases.MaxMessageBytes },
        Transports = options.Transports with { CompressesWebSockets = true },
    });

    private static async Task<RunningWebSocket> ConnectAsync(AutobahnCase one, WayIn way)
    {
        var broker = way is WayIn.Sockets ? _brokerOnSockets : _broker;
        var client = await RunningWebSocket.OpenAsync(broker.Url);
        if (way is WayIn.Reused)
        {
            await client.SendAsync("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await client.ReadHeadAsync();
        }

        await client.SendAsync(broker.UpgradeRequest(one.Offer is null ? "" : $"Sec-WebSocket-Extensions: {one.Offer}\r\n"));
        Assert.That((await client.ReadHeadAsync()).Contains("permessage-deflate", StringComparison.Ordinal), Is.EqualTo(one.IsCompressed));
        await client.SendTextAsync("""{"id":1,"connect":{}}""");
        Assert.That(await ReadAnswersAsync(client, 1), Is.EqualTo(new[] { "reply 1" }));
        return client;
    }

    // After a refusal the client may answer and is gone; otherwise the connection still works.
    private static async Task AssertEndAsync(RunningWebSocket client, AutobahnCase one)
    {
        if (one.Category == "7")
        {
            Assert.That(await client.ReadFrameAsync(), Is.Null);
        }
        else if (one.Answers is not [.., var last] || !last.StartsWith("close", StringComparison.Ordinal))
        {
            await client.SendAsync(RunningFrame.Closing(1000));
            Assert.That(await ReadAnswersAsync(client, 1), Is.EqualTo(new[] { "close 1000" }));
        }
    }

    private static async Task<List<string>> ReadAnswersAsync(RunningWebSocket client, int count)
    {
        var answers = new List<string>();
        while (answers.Count < count && await client.ReadFrameAsync() is { } frame)
        {
            answers.AddRange(Describe(frame));
        }

        return answers;
    }

    private static IEnumerable<string> Describe(RunningFrame frame) => frame.First switch
    {
        RunningFrame.FinalText => frame.PayloadText.Split('\n').Select(Reply),
        CompressedText => AutobahnBytes.Inflated(frame.Payload).Split('\n').Select(Reply),
        RunningFrame.Pong => [$"pong {Convert.ToHexString(frame.Payload)}"],
        RunningFrame.Close => [$"close {BinaryPrimitives.ReadUInt16BigEndian(frame.Payload).ToString(CultureInfo.InvariantCulture)}"],
        _ => [$"frame {frame.First:X2}"],
    };

    private static string Reply(string message)
    {
        using var json = JsonDocument.Parse(message);
        return $"reply {json.RootElement.GetProperty("id").GetRawText()}";
    }
}

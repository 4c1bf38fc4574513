using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Hearing;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The layout of a Redis.</summary>
internal enum RedisLayout
{
    OneServer,

    /// <summary>Several independent servers.</summary>
    TwoServers,

    /// <summary>Of three primaries.</summary>
    Cluster,
}

/// <summary>An empty Redis for one test, on servers that the tests share.</summary>
internal sealed class RedisPlace : IAsyncDisposable
{
    private readonly RedisLayout _layout;
    private readonly string _query;
    private readonly RunningCluster? _cluster;
    private readonly ImmutableArray<RunningRedis> _servers;

    /// <param name="query">Of the addresses.</param>
    /// <remarks>Waits for a cluster that no other test has, which has no databases.</remarks>
    public RedisPlace(RedisLayout layout, string query = "")
    {
        _layout = layout;
        _query = query;
        Database = layout is RedisLayout.Cluster ? 0 : SharedRedis.NextDatabase();
        _cluster = layout is RedisLayout.Cluster ? SharedRedis.TakeCluster() : null;
        _servers = layout switch
        {
            RedisLayout.Cluster => [.. _cluster!.Primaries],
            RedisLayout.TwoServers => [SharedRedis.Server, SharedRedis.OtherServer],
            _ => [SharedRedis.Server],
        };
        Names = new BusNames(Database);
    }

    public int Database { get; }

    public bool IsCluster => _layout is RedisLayout.Cluster;

    public BusNames Names { get; }

    /// <summary>The addresses that nodes are started with.</summary>
    public RedisAddress[] Addresses => _layout is RedisLayout.Cluster
        ? [TestRedis.Address($"redis+cluster://{_servers[0].Endpoint}?{_query}")]
        : [.. _servers.Select(server => TestRedis.Address($"{server.Url(Database)}?{_query}"))];

    /// <summary>A node that knows where its channels belong.</summary>
    public RunningNode StartNode(IChannelReceiver? receiver = null)
    {
        var node = new RunningNode(receiver ?? new RecordingReceiver(), Addresses);
        Assert.That(() => node.Bus.Shards.All.Count, Is.EqualTo(_servers.Length).After((int)RunningBroker.Patience.TotalMilliseconds, 2));
        return node;
    }

    /// <summary>The number of the server that has the channel.</summary>
    public int ServerOf(ChannelName channel) =>
        _layout is RedisLayout.Cluster ? RunningCluster.PrimaryOf(channel) : ChannelHash.ShardOf(channel.Value, _servers.Length);

    /// <summary>Sends a command, like an operator, to the channel's server.</summary>
    public Task<RespValue> AskAsync(ChannelName channel, params string[] command) => AskAsync(ServerOf(channel), command);

    /// <summary>Sends a command to every server.</summary>
    public Task<RespValue[]> AskAllAsync(params string[] command) => Task.WhenAll(Enumerable.Range(0, _servers.Length).Select(i => AskAsync(i, command)));

    /// <summary>Publishes anything, at one server.</summary>
    /// <param name="server">Its number.</param>
    /// <param name="name">On the bus.</param>
    /// <param name="message">Any bytes.</param>
    /// <param name="isOfChannel">Whether it is published as publications are.</param>
    public async Task PublishRawAsync(int server, string name, byte[] message, bool isOfChannel = false)
    {
        var command = new ArrayBufferWriter<byte>();
        command.WriteCommand(3);
        command.WritePart(isOfChannel && IsCluster ? "SPUBLISH"u8 : "PUBLISH"u8);
        command.WritePart(name);
        command.WritePart(message.AsSpan());
        await using var connection = await ConnectAsync(server);
        await connection.AskAsync(command.WrittenSpan);
    }

    /// <summary>Sends a command to one server.</summary>
    public Task<RespValue> AskServerAsync(int server, params string[] command) => AskAsync(server, command);

    /// <summary>Adds an entry to a stream.</summary>
    /// <param name="most">The number of entries that stay.</param>
    public async Task AddEntryAsync(int server, string key, int most, string previous, ReadOnlyMemory<byte> content)
    {
        var command = new ArrayBufferWriter<byte>();
        command.WriteCommand(9);
        foreach (var part in (string[])["XADD", key, "MAXLEN", most.ToString(CultureInfo.InvariantCulture), "*", "p", previous, "d"])
        {
            command.WritePart(part);
        }

        command.WritePart(content.Span);
        await using var connection = await ConnectAsync(server);
        Assert.That((await connection.AskAsync(command.WrittenSpan)).Kind, Is.Not.EqualTo(RespKind.Error));
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await AskAllAsync("FLUSHDB");
            if (_cluster is not null)
            {
                await ClusterBarrier.WaitAsync(_servers);
            }
        }
        finally
        {
            if (_cluster is not null)
            {
                SharedRedis.ReturnCluster(_cluster);
            }
        }
    }

    private async Task<RespValue> AskAsync(int server, string[] command)
    {
        await using var connection = await ConnectAsync(server);
        var answer = await connection.AskAsync(RespWriting.Command(command));
        Assert.That(answer.Kind, Is.Not.EqualTo(RespKind.Error), answer.ToString());
        return answer;
    }

    private Task<RespConnection> ConnectAsync(int server) =>
        TestRedis.ConnectAsync(_servers[server].Endpoint, database: Database);
}

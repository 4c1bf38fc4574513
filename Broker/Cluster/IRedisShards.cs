using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Cluster;

/// <summary>The servers that the channels are spread over.</summary>
/// <remarks>Thread-safe.</remarks>
internal interface IRedisShards : IAsyncDisposable
{
    /// <summary>Called once, when everybody who is told of their changes can be.</summary>
    void Start();

    /// <summary>Those there are now; at least one.</summary>
    IReadOnlyList<RedisShard> All { get; }

    /// <summary>The one over which nodes tell each other what is to be done. The same on every node.</summary>
    RedisShard OfOrders { get; }

    /// <summary>The one whose channels this is among. The same on every node.</summary>
    RedisShard Of(ChannelName channel);

    /// <summary>Asks the channel's server.</summary>
    /// <inheritdoc cref="RedisClient.AskAsync"/>
    ValueTask<RespValue> AskAsync(ChannelName channel, ReadOnlyMemory<byte> command);
}

/// <summary>As <see cref="IRedisShards.AskAsync"/>.</summary>
internal delegate ValueTask<RespValue> AskAboutChannel(ChannelName channel, ReadOnlyMemory<byte> command);

using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.Cluster;

/// <summary>The servers that the channels are distributed over.</summary>
/// <remarks>Thread-safe.</remarks>
internal interface IRedisShards : IAsyncDisposable
{
    /// <summary>Called once, when the receivers of their changes are ready.</summary>
    void Start();

    /// <summary>The current servers; at least one.</summary>
    IReadOnlyList<RedisShard> All { get; }

    /// <summary>Those of them that have keys of their own: in a cluster one, because each of them finds the keys of all.</summary>
    IReadOnlyList<RedisShard> KeySpaces { get; }

    /// <summary>The server for messages between nodes. The same on every node.</summary>
    RedisShard OfOrders { get; }

    /// <summary>The server with the keys of the store.</summary>
    RedisShard OfStore { get; }

    /// <summary>The server that has the channel. The same on every node.</summary>
    RedisShard Of(ChannelName channel);

    /// <summary>Sends a command to the channel's server.</summary>
    /// <inheritdoc cref="RedisConnection.AskAsync(RedisCall)"/>
    ValueTask<RedisResult> AskAsync(ChannelName channel, RedisCall command);

    /// <summary>Sends a publication to the channel's server.</summary>
    /// <param name="command">Made by <see cref="RedisShard.Commands"/>.</param>
    /// <inheritdoc cref="AskAsync"/>
    ValueTask<RedisResult> PublishAsync(ChannelName channel, RedisCall command);

    /// <summary>Sends a command to the server for messages between nodes.</summary>
    /// <inheritdoc cref="RedisConnection.AskAsync(RedisCall)"/>
    ValueTask<RedisResult> AskAboutOrdersAsync(RedisCall command);
}

/// <summary>See <see cref="IRedisShards.AskAsync"/>.</summary>
internal delegate ValueTask<RedisResult> AskAboutChannel(ChannelName channel, RedisCall command);

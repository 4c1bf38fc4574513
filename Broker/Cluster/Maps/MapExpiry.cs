using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Cluster.Maps;

/// <summary>Removes the keys of maps in Redis that have expired, while the broker runs.</summary>
/// <remarks>
/// Every node looks at intervals for maps with such keys, and takes those that no other node has taken: so one node does the work, and when it dies
/// within, another one does it <see cref="Claim"/> later. A node whose settings have no map with expiring keys leaves it to the others.
/// </remarks>
internal sealed class MapExpiry(IRedisShards shards, IChannelReceiver receiver, ChannelNamespaces namespaces, MapSettings settings, TimeProvider time, ILogger<MapExpiry> logger) : IHostedService, IDisposable
{
    /// <summary>How long a node has for the maps that it has taken.</summary>
    public static readonly TimeSpan Claim = TimeSpan.FromSeconds(5);

    // Maps that one node takes at a time.
    private const int MapsAtOnce = 64;

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = RunAsync();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        using var looks = new PeriodicTimer(settings.CleanupInterval, time);
        while (await looks.WaitForNextTickAsync(_stop.Token))
        {
            if (namespaces.Any(options => options.IsMap && options.Map.KeyTtl > TimeSpan.Zero))
            {
                await Task.WhenAll(shards.KeySpaces.Select(shard => Unattended.RunAsync(() => RemoveDueAsync(shard), logger, "remove expired keys of maps")));
            }
        }
    }

    private async ValueTask RemoveDueAsync(RedisShard shard)
    {
        int count;
        do
        {
            var (until, channels) = MapAnswers.ReadClaim(await shard.AskAsync(MapCommands.Claim(MapsAtOnce, Claim)));
            count = channels.Length;
            await Task.WhenAll(channels.Select(channel => RemoveDueAsync(shard, channel, until)));
        }
        while (count == MapsAtOnce && !_stop.IsCancellationRequested);
    }

    // A name that no broker has given away is nobody's map.
    private async Task RemoveDueAsync(RedisShard shard, string name, long until)
    {
        var next = ChannelName.TryParse(name, out var channel) ? await RemoveDueAsync(channel, until - (long)Claim.TotalMilliseconds) : 0;
        await shard.AskAsync(MapCommands.Settle(name, until, next));
    }

    /// <param name="now">What had expired then is removed.</param>
    /// <returns>When the next key expires; 0: none does.</returns>
    private async Task<long> RemoveDueAsync(ChannelName channel, long now)
    {
        long next;
        do
        {
            await receiver.WhenRoom();
            next = (await shards.PublishAsync(channel, shards.Of(channel).MapCommands.Expire(channel, settings.CleanupBatch))).Number();
        }
        while (next > 0 && next <= now && !_stop.IsCancellationRequested);
        return next;
    }
}

using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Clients;

namespace ClawEvents.Broker.Tests.Support.Servers;

// The checkpoint: all faults end, and the clients' publications and rights are compared with the model.
internal sealed partial class RandomFleet
{
    private async Task CheckAsync()
    {
        Note("checkpoint");
        await HealAsync();

        // Not later: a client that misses more than 300 publications does not recover.
        await Task.WhenAll(from one in _clients from channel in KeptChannels where !one.Client[channel].IsWanted select one.Client.SubscribeAsync(channel));
        foreach (var channel in LockableChannels)
        {
            await SettleAsync(channel, isLock: true);
            await SettleAsync(channel, isLock: false);
        }

        foreach (var node in _nodes)
        {
            await CheckLocksAsync(node);
        }

        await Task.WhenAll(_clients.SelectMany(one => LockableChannels.Select(channel => CheckAccessAsync(one.Client, one.IsBob, channel))));
        await Task.WhenAll([.. KeptChannels.Select(CheckKeptAsync), .. LockableChannels.Select(CheckLockableAsync)]);
        foreach (var (client, channel) in _forbidden.Keys)
        {
            CheckForbidden(client, channel);
        }

        foreach (var channel in _clients.SelectMany(one => one.Client.Channels))
        {
            Assert.That(channel.Faults, Is.Empty, Because(channel.Name));
        }
    }

    private async Task HealAsync()
    {
        foreach (var node in _held)
        {
            _ways[node].Release();
        }

        _held.Clear();
        if (_isDown)
        {
            await KillOrStartRedisAsync();
        }

        foreach (var node in _nodes)
        {
            await Eventually.IsTrueAsync(async () => (await node.SendAsync(HttpMethod.Get, "/health", null)).Status == 200, Because("/health never says 200"));
        }
    }

    // Unknown changes are made again, so that they become known.
    private Task SettleAsync(string channel, bool isLock)
    {
        var isOn = _random.Next(2) == 0;
        return (isLock ? _locks : _grants)[channel] is null
            ? Eventually.IsTrueAsync(() => ChangeAccessAsync(channel, isLock, isOn, _random.Next(2)), Because("a change is never acknowledged"))
            : Task.CompletedTask;
    }

    private async Task CheckLocksAsync(RunningBroker node)
    {
        var answer = await node.SendAsync(HttpMethod.Get, $"/api/locks/{Owner}", null);
        using var json = JsonDocument.Parse(answer.Body);
        var locked = json.RootElement.GetProperty("lockedChannels").EnumerateArray().Select(channel => channel.GetString());
        Assert.That(locked, Is.EquivalentTo(_locks.Where(one => one.Value!.Value).Select(one => one.Key)), Because("locks"));
    }

    // Clients without a right are removed and refused at both nodes; those with one are accepted.
    private async Task CheckAccessAsync(FollowingClient client, bool isBob, string channel)
    {
        if (!_locks[channel]!.Value || (isBob && _grants[channel]!.Value))
        {
            await Eventually.IsTrueAsync(
                async () =>
                {
                    await (client[channel].State is FollowingState.Subscribed ? Task.CompletedTask : client.SubscribeAsync(channel));
                    return client[channel].State is FollowingState.Subscribed;
                },
                Because($"somebody with a right to {channel} does not get in"));
            return;
        }

        await Eventually.IsTrueAsync(() => client[channel].State is not FollowingState.Subscribed, Because($"somebody without a right to {channel} stays in"));
        await client.SubscribeAsync(channel);
        await client.PingAsync();
        Assert.That(client[channel].State, Is.Not.EqualTo(FollowingState.Subscribed), Because($"somebody without a right to {channel} gets in"));
        _forbidden.TryAdd((client, channel), client[channel].All.Length);
    }

    private async Task CheckKeptAsync(string channel)
    {
        for (var node = 0; node < _nodes.Count; node++)
        {
            var fence = $"p{Interlocked.Increment(ref _texts)}-fence";
            var answer = new NodeAnswer();
            await Eventually.IsTrueAsync(async () => (answer = await PublishAsync(node, channel, fence, fence)).IsAcknowledged, Because("nothing is acknowledged"));
            lock (_acknowledged)
            {
                _acknowledged[channel].Add(new(fence, answer.Offset, answer.Epoch));
            }

            await Eventually.IsTrueAsync(() => _clients.TrueForAll(one => one.Client[channel].Has(fence)), Because($"{fence} does not come in {channel}"));
        }

        foreach (var (client, _) in _clients)
        {
            Assert.That(FollowingCheck.OfKept(client[channel].All, _acknowledged[channel]), Is.Empty, Because(channel));
        }
    }

    // A client that was just notified of a gap may miss one; then another one follows.
    private async Task CheckLockableAsync(string channel)
    {
        var allowed = _clients.Select(one => one.Client[channel]).Where(one => one.State is FollowingState.Subscribed).ToList();
        for (var node = 0; node < _nodes.Count; node++)
        {
            await Eventually.IsTrueAsync(
                async () =>
                {
                    var text = $"q{Interlocked.Increment(ref _texts)}-fence";
                    await PublishAsync(node, channel, text, null);
                    for (var look = 0; look < 100 && !allowed.TrueForAll(one => one.Has(text)); look++)
                    {
                        await Task.Delay(2);
                    }

                    return allowed.TrueForAll(one => one.Has(text));
                },
                Because($"nothing comes in {channel}"));
        }

        // Earlier deliveries have been read by now.
        await Task.WhenAll(_clients.Select(one => one.Client.PingAsync()));
    }

    private void CheckForbidden(FollowingClient client, string channel) =>
        Assert.That(client[channel].All.Skip(_forbidden[(client, channel)]), Is.Empty, Because($"somebody without a right to {channel} heard something"));

    private void EndForbidding(string channel)
    {
        foreach (var (client, forbidden) in _forbidden.Keys.Where(one => one.Channel == channel).ToList())
        {
            CheckForbidden(client, forbidden);
            _forbidden.TryRemove((client, forbidden), out _);
        }
    }
}

using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Benchmarks.Permissions;

/// <summary>One permission check with locks and grants in memory.</summary>
[MemoryDiagnoser]
public class ChannelPermissionsBenchmarks
{
    private readonly InMemoryStateStore _store = new(TimeProvider.System);
    private readonly Principal _granted = Principal.Of("bob");
    private readonly Principal _stranger = Principal.Of("mallory");
    private ChannelPermissions _permissions = null!;
    private ChannelName _public = null!;
    private ChannelName _open = null!;
    private ChannelName _locked = null!;

    [GlobalSetup]
    public async Task LockAndGrant()
    {
        _permissions = new ChannelPermissions(_store, ChannelNamespaces.Default);
        _public = BenchmarkChannels.Parse("public.townsquare");
        _open = BenchmarkChannels.Parse("agent.alice.updates");
        _locked = BenchmarkChannels.Parse("agent.alice.private");
        await _store.LockAsync(_locked);
        await _store.GrantAsync(_locked, _granted.Name);
    }

    [Benchmark]
    public bool SubscribeToPublic() => Ask(_granted, _public);

    [Benchmark]
    public bool SubscribeToUnlocked() => Ask(_stranger, _open);

    [Benchmark]
    public bool SubscribeToLockedWithGrant() => Ask(_granted, _locked);

    [Benchmark]
    public bool SubscribeToLockedWithoutGrant() => Ask(_stranger, _locked);

    [Benchmark]
    public bool PublishToForeignAgent() => _permissions.CanPublish(_stranger, _open) is AccessDecision.Allowed;

    private bool Ask(Principal principal, ChannelName channel)
    {
        var decision = _permissions.CanSubscribeAsync(principal, channel);
        return decision.IsCompletedSuccessfully && decision.Result is AccessDecision.Allowed;
    }
}

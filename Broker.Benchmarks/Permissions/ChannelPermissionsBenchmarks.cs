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
    private ResolvedChannel _public;
    private ResolvedChannel _open;
    private ResolvedChannel _locked;

    [GlobalSetup]
    public async Task LockAndGrant()
    {
        _permissions = new ChannelPermissions(_store);
        _public = Resolve("public.townsquare");
        _open = Resolve("agent.alice.updates");
        _locked = Resolve("agent.alice.private");
        await _store.LockAsync(_locked.Name);
        await _store.GrantAsync(_locked.Name, _granted.Name);
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
    public bool PublishToForeignAgent() => _permissions.CanPublish(_stranger, _open).IsAllowed();

    private static ResolvedChannel Resolve(string name) => new(BenchmarkChannels.Parse(name), ChannelOptions.None);

    private bool Ask(Principal principal, ResolvedChannel channel)
    {
        var decision = _permissions.CanSubscribeAsync(principal, channel);
        return decision.IsCompletedSuccessfully && decision.Result.IsAllowed();
    }
}

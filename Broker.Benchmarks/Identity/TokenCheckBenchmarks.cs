using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Benchmarks.Identity;

/// <summary>One token, that of an agent's key, of an API caller and of a connection: in the cache, and not.</summary>
[MemoryDiagnoser]
public class TokenCheckBenchmarks
{
    private readonly SigningSecret _secret = new("a secret of thirty-two bytes, or more");
    private readonly InMemoryStateStore _store = new(TimeProvider.System);
    private CallerTokens _callers = null!;
    private ConnectionTokens _connections = null!;
    private string _token = null!;

    [GlobalSetup]
    public async Task Issue()
    {
        _token = new TokenIssuer(_secret, TimeProvider.System).IssueApiKey("alice");
        await _store.SetKeyHashAsync("alice", TokenIssuer.HashOf(_token));
        (_callers, _connections) = (Callers(), Connections());
    }

    [Benchmark]
    public bool CachedCaller() => Await(_callers.VerifyAsync(_token.AsMemory())).Status is TokenStatus.Valid;

    [Benchmark]
    public bool NewCaller() => Await(Callers().VerifyAsync(_token.AsMemory())).Status is TokenStatus.Valid;

    [Benchmark]
    public bool CachedConnection() => Await(_connections.VerifyAsync(_token)).Status is TokenStatus.Valid;

    [Benchmark]
    public bool NewConnection() => Await(Connections().VerifyAsync(_token)).Status is TokenStatus.Valid;

    private CallerTokens Callers() => new(_secret, new LiveKeys(_store), TimeProvider.System);

    private ConnectionTokens Connections() => new(new(), _secret, new LiveKeys(_store), TimeProvider.System);

    private static T Await<T>(ValueTask<T> answer) => answer.IsCompletedSuccessfully ? answer.Result : answer.AsTask().GetAwaiter().GetResult();
}

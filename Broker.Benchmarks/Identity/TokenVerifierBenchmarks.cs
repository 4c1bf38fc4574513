using BenchmarkDotNet.Attributes;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Benchmarks.Identity;

/// <summary>One bearer token, that of an agent's key: when it was seen lately, and when it was not.</summary>
[MemoryDiagnoser]
public class TokenVerifierBenchmarks
{
    private readonly SigningSecret _secret = new("a secret of thirty-two bytes, or more");
    private readonly InMemoryStateStore _store = new(TimeProvider.System);
    private TokenVerifier _verifier = null!;
    private string _token = null!;

    [GlobalSetup]
    public async Task Issue()
    {
        _token = new TokenIssuer(_secret, TimeProvider.System).IssueApiKey("alice");
        await _store.SetKeyHashAsync("alice", TokenIssuer.HashOf(_token));
        _verifier = new TokenVerifier(_secret, _store, TimeProvider.System);
    }

    [Benchmark]
    public bool SeenLately() => IsValid(_verifier.VerifyAsync(_token.AsMemory()));

    [Benchmark]
    public bool SeenNever() => IsValid(new TokenVerifier(_secret, _store, TimeProvider.System).VerifyAsync(_token.AsMemory()));

    private static bool IsValid(ValueTask<TokenResult> answer) =>
        answer.IsCompletedSuccessfully ? answer.Result.Status is TokenStatus.Valid : answer.AsTask().GetAwaiter().GetResult().Status is TokenStatus.Valid;
}

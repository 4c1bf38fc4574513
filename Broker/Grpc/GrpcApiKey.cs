using ClawEvents.Broker.Api;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Grpc;

/// <summary>The key of the server API over gRPC, in the metadata <c>authorization: apikey KEY</c>. Thread-safe.</summary>
internal sealed class GrpcApiKey(GrpcOptions options)
{
    private const string Prefix = "apikey ";

    private readonly bool _isInsecure = options.IsApiInsecure;
    private byte[]? _hash = KeyHash.OfSetting(options.ApiKey);

    /// <summary>Changes the key; the former one is wrong from now on. Without one, the former stays.</summary>
    public void ApplySettings(GrpcOptions fresh) => Volatile.Write(ref _hash, KeyHash.OfSetting(fresh.ApiKey) ?? _hash);

    /// <summary>Compares in constant time, for any lengths.</summary>
    public bool IsRight(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return Volatile.Read(ref _hash) is not { } hash
            ? _isInsecure
            : authorization.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && KeyHash.IsOf(hash, authorization[Prefix.Length..]);
    }
}

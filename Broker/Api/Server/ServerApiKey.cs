using ClawEvents.Broker.Api.Admin;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Api.Server;

/// <summary>The key of the server API. Without a configured key, the server API is closed, unless it needs no key. A session of the console counts as the key.</summary>
internal sealed class ServerApiKey(ApiOptions options, InternalPort port, AdminSessions sessions)
{
    private const string AuthorizationPrefix = "apikey ";

    private byte[]? _hash = KeyHash.OfSetting(options.ServerApiKey);

    /// <summary>Changes the key; the former one is wrong from now on.</summary>
    public void ApplySettings(ApiOptions fresh) => Volatile.Write(ref _hash, KeyHash.OfSetting(fresh.ServerApiKey));

    /// <summary>Whether the request is for the server API: it has a key, right or wrong, or needs none.</summary>
    public bool IsMeant(HttpRequest request) => options.ServerApiInsecure || Find(request) is not null || sessions.IsMeant(request);

    /// <summary>Compares in constant time, for any lengths. With an internal port, no key is right on another port.</summary>
    public bool IsRight(HttpRequest request) =>
        (port.IsReachedForServerApi(request.HttpContext) && (options.ServerApiInsecure || IsKeyOf(request))) || sessions.IsOpen(request);

    /// <summary>As <see cref="IsRight"/>, also where the server API needs no key: what only an owner may do otherwise stays closed there.</summary>
    public bool IsOfOperator(HttpRequest request) => (port.IsReachedForServerApi(request.HttpContext) && IsKeyOf(request)) || sessions.IsOpen(request);

    private bool IsKeyOf(HttpRequest request) =>
        Volatile.Read(ref _hash) is { } hash && Find(request) is { } key && KeyHash.IsOf(hash, key);

    // A key in X-API-Key counts even when it is wrong and another one would be right.
    private static string? Find(HttpRequest request)
    {
        if (request.Headers.TryGetValue("X-API-Key", out var header))
        {
            return header;
        }

        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(AuthorizationPrefix, StringComparison.OrdinalIgnoreCase)
            ? authorization[AuthorizationPrefix.Length..]
            : request.Query.TryGetValue("api_key", out var query) ? query : (string?)null;
    }
}

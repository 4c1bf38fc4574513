using System.Text.Json;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>A public key, or why there is none.</summary>
/// <param name="Text">The key as its server sends it, unchecked; null when there is none, or it could not be fetched.</param>
/// <param name="Fault">Why there was no usable answer from the server; null when there was.</param>
internal readonly record struct PublicKeyResult(string? Text, string? Fault);

/// <summary>Looks up the public SSH keys of agents: <c>GET BASE/@NAME/KEYNAME?format=json</c>. Thread-safe.</summary>
/// <param name="apiBase">With or without a slash at the end.</param>
internal sealed class SshPublicKeys(Uri apiBase, JsonFetcher fetcher)
{
    private readonly string _base = apiBase.AbsoluteUri.TrimEnd('/');

    /// <param name="username">A valid agent name.</param>
    /// <param name="keyName">A valid key name.</param>
    public async Task<PublicKeyResult> FindAsync(string username, string keyName, CancellationToken cancellation)
    {
        var address = new Uri($"{_base}/@{Uri.EscapeDataString(username)}/{Uri.EscapeDataString(keyName)}?format=json");
        var fetched = await fetcher.FetchAsync(address, null, cancellation);
        return fetched.Body is { } body ? Read(body)
            : fetched.Status == 0 ? new(null, fetched.Fault)
            : new(null, null);
    }

    private static PublicKeyResult Read(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new(KeyOf(root) ?? (Field(root, "key") is { } key ? KeyOf(key) : null), null);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return new(null, "malformed answer");
        }
    }

    private static string? KeyOf(JsonElement element) => Field(element, "public_key") is { ValueKind: JsonValueKind.String } key ? key.GetString() : null;

    private static JsonElement? Field(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var field) ? field : null;
}

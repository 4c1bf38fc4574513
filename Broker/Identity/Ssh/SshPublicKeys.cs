using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>What became of looking a public key up.</summary>
/// <param name="Text">The key as its server spells it, unchecked; null when there is none, or none could be fetched.</param>
/// <param name="Fault">Why the server could not be asked; null when it answered.</param>
internal readonly record struct PublicKeyResult(string? Text, string? Fault);

/// <summary>Looks up the public SSH keys of agents: <c>GET BASE/@NAME/KEYNAME?format=json</c>. Thread-safe.</summary>
internal sealed class SshPublicKeys(BrokerOptions options, JsonFetcher fetcher)
{
    private readonly string _base = (options.ClawkeyApiBase ?? BrokerOptions.DefaultClawkeyApiBase).AbsoluteUri.TrimEnd('/');

    /// <param name="username">A valid agent name.</param>
    /// <param name="keyName">A valid key name.</param>
    /// <param name="cancellation">The request that waits for it.</param>
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

using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Identity;

/// <summary>What became of fetching a profile.</summary>
/// <param name="Description">The profile's text, empty when it has none; null when it could not be fetched.</param>
/// <param name="Fault">Why not: an HTTP status, or a word.</param>
internal readonly record struct ProfileResult(string? Description, string Fault);

/// <summary>Fetches the public profiles of Moltbook: <c>GET BASE/agents/profile?name=NAME</c>. Thread-safe.</summary>
internal sealed class MoltbookProfiles(BrokerOptions options, JsonFetcher fetcher)
{
    /// <summary>Whether there is a key to ask with.</summary>
    public bool IsConfigured => options.MoltbookApiKey is not null;

    /// <param name="username">A valid agent name.</param>
    /// <param name="cancellation">The request that waits for it.</param>
    public async Task<ProfileResult> FetchAsync(string username, CancellationToken cancellation)
    {
        var address = new Uri($"{options.MoltbookApiBase.AbsoluteUri.TrimEnd('/')}/agents/profile?name={Uri.EscapeDataString(username)}");
        var fetched = await fetcher.FetchAsync(address, options.MoltbookApiKey, cancellation);
        return fetched.Body is { } body ? Read(body) : new(null, fetched.Fault);
    }

    // Missing fields are an empty description, as in a profile that nobody filled in.
    private static ProfileResult Read(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new(DescriptionOf(document.RootElement), "");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return new(null, "malformed answer");
        }
    }

    private static string DescriptionOf(JsonElement root) =>
        root.ValueKind is JsonValueKind.Object
        && root.TryGetProperty("agent", out var agent)
        && agent.ValueKind is JsonValueKind.Object
        && agent.TryGetProperty("description", out var description)
        && description.ValueKind is JsonValueKind.String
            ? description.GetString()!
            : "";
}

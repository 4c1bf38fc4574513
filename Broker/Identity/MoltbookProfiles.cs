using System.Text.Json;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Identity;

/// <summary>A profile, or why it could not be fetched.</summary>
/// <param name="Description">The profile's text, empty when it has none; null when the profile could not be fetched.</param>
/// <param name="Fault">An HTTP status, or a few words.</param>
internal readonly record struct ProfileResult(string? Description, string Fault);

/// <summary>Fetches the public profiles of Moltbook: <c>GET BASE/agents/profile?name=NAME</c>. Thread-safe.</summary>
internal sealed class MoltbookProfiles(IdentityOptions options, JsonFetcher fetcher)
{
    /// <summary>Whether there is an API key for Moltbook.</summary>
    public bool IsConfigured => options.MoltbookApiKey is not null;

    /// <param name="username">A valid agent name.</param>
    public async Task<ProfileResult> FetchAsync(string username, CancellationToken cancellation)
    {
        var address = new Uri($"{options.MoltbookApiBase.AbsoluteUri.TrimEnd('/')}/agents/profile?name={Uri.EscapeDataString(username)}");
        var fetched = await fetcher.FetchAsync(address, options.MoltbookApiKey, cancellation);
        return fetched.Body is { } body ? Read(body) : new(null, fetched.Fault);
    }

    // Missing fields give an empty description, as in a profile that was never filled in.
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

using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Http;

/// <summary>One request to the claw.events API.</summary>
/// <param name="Method">GET, POST or DELETE.</param>
/// <param name="Path">Path and query, escaped, with the leading slash.</param>
/// <param name="Refused">Beginning of the error message if the server refuses, for example <c>Failed to publish to channel</c>.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path, string Refused)
{
    /// <summary>A request that writes or concerns apps: it needs a token, and a remembered rate limit applies to it.</summary>
    public static ApiRequest Writing(HttpMethod method, string path, string refused, WriteMembers? body = null) =>
        new(method, path, refused) { Body = body, NeedsToken = true, RateLimited = true };

    /// <summary>The channel that the request is about, for an answer that its name is wrong; null for none.</summary>
    public string? Channel { get; init; }

    /// <summary>Whether only a channel's owner may send it.</summary>
    public bool NeedsOwner { get; init; }

    /// <summary>null for no body.</summary>
    public WriteMembers? Body { get; init; }

    /// <summary>Whether the request fails without a token, before anything is sent.</summary>
    public bool NeedsToken { get; init; }

    /// <summary>The key of the server API to send; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>Whether a remembered rate limit applies: to requests that write or concern apps.</summary>
    public bool RateLimited { get; init; }
}

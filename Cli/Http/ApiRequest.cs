using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Http;

/// <summary>One request to the claw.events API.</summary>
/// <param name="Method">GET, POST or DELETE.</param>
/// <param name="Path">From the first slash on, with its query, escaped.</param>
/// <param name="Refused">How the error begins when the server says no, for example <c>Failed to publish to channel</c>.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path, string Refused)
{
    /// <summary>A request that writes, or is about apps: it needs a token, and the memory of the last 429 counts.</summary>
    public static ApiRequest Writing(HttpMethod method, string path, string refused, WriteMembers? body = null) =>
        new(method, path, refused) { Body = body, NeedsToken = true, RateLimited = true };

    /// <summary>null: no body.</summary>
    public WriteMembers? Body { get; init; }

    /// <summary>Without a token nothing is sent.</summary>
    public bool NeedsToken { get; init; }

    /// <summary>Whether the memory of the last 429 counts: for requests that write and for apps.</summary>
    public bool RateLimited { get; init; }
}

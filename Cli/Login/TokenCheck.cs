using System.Net;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Login;

/// <summary>Whether the server in use accepts a token.</summary>
/// <param name="Refusal">The error if it does not.</param>
/// <param name="NotAsked">Why it gave no answer; null if it did.</param>
internal sealed record TokenCheck(Failure? Refusal, string? NotAsked)
{
    public bool IsAccepted => Refusal is null && NotAsked is null;

    /// <summary>Asks with a request that changes nothing, and that every server answers only to a valid token.</summary>
    public static async Task<TokenCheck> AskAsync(Invocation invocation, string token)
    {
        using var api = invocation.OpenApi(invocation.Globals with { Token = token });
        var answer = await api.SendAsync(new ApiRequest(HttpMethod.Get, "/api/apps", "The server does not accept the token") { NeedsToken = true });
        return answer switch
        {
            { Failure: null } or { Status: HttpStatusCode.Forbidden } => new TokenCheck(null, null),
            { Status: HttpStatusCode.Unauthorized } => new TokenCheck(
                answer.Failure with { Fixes = ["Use the server that issued it: --server <url>", .. answer.Failure.Fixes] }, null),
            _ => new TokenCheck(null, answer.Failure.Plain ?? answer.Failure.Error),
        };
    }
}

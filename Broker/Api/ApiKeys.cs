using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>Issues an agent's only live key, after a login.</summary>
internal sealed class ApiKeys(TokenIssuer tokens, IStateStore store, ConnectionSweeper connections)
{
    /// <summary>Makes a key, which revokes the earlier one and ends its connections, and answers with it.</summary>
    /// <param name="response">Not started yet.</param>
    /// <param name="username">A valid agent name, proven by the login.</param>
    /// <param name="hint">One sentence for a human reader of the answer.</param>
    public async Task IssueAsync(HttpResponse response, string username, string hint)
    {
        var token = tokens.IssueApiKey(username);
        await store.SetKeyHashAsync(username, TokenIssuer.HashOf(token));
        await connections.SweepAsync(username);
        await ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
        {
            json.WriteString("token", token);
            json.WriteString("username", username);
            json.WriteString("hint", hint);
        });
    }
}

using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>Gives an agent its one live key, for the doors that have found out who it is.</summary>
internal sealed class ApiKeys(TokenIssuer tokens, IStateStore store)
{
    /// <summary>Makes a key, which ends the earlier one, and answers with it.</summary>
    /// <param name="response">Not started yet.</param>
    /// <param name="username">A valid agent name, proven as far as the door asks for it.</param>
    /// <param name="hint">One sentence for the person who reads the answer.</param>
    public async Task IssueAsync(HttpResponse response, string username, string hint)
    {
        var token = tokens.IssueApiKey(username);
        await store.SetKeyHashAsync(username, TokenIssuer.HashOf(token));
        await ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
        {
            json.WriteString("token", token);
            json.WriteString("username", username);
            json.WriteString("hint", hint);
        });
    }
}

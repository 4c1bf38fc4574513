using System.Net;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Login;

/// <summary>Proves a name by a signature in a Moltbook profile, in two steps: the user puts it there in between.</summary>
internal sealed class ProfileLogin(Invocation invocation, string user)
{
    /// <summary>Asks for a signature, remembers the name and says what to do with it.</summary>
    /// <returns>null if the server does not offer this login.</returns>
    public async Task<Outcome?> TryBeginAsync()
    {
        var answer = await invocation.AskAsync(Request("/auth/init", "Authentication initialization failed"));
        return answer switch
        {
            { Failure: { } failure } => answer.Status is HttpStatusCode.NotFound ? null : failure,
            // A server that knows SSH keys only answers with a challenge.
            _ => answer.Text("instructions"u8) is { } instructions ? Begin(instructions) : null,
        };
    }

    /// <summary>Asks the server to look at the profile and saves the token that comes back.</summary>
    public async Task<Outcome> CompleteAsync()
    {
        var answer = await invocation.AskAsync(Request("/auth/verify", "Authentication verification failed"));
        return answer switch
        {
            { Failure: { } failure } => Explain(answer, failure),
            _ when answer.Text("token"u8) is { Length: > 0 } token =>
                SavedLogin.Save(invocation, "Authentication verified successfully", user, token),
            _ => new Failure("No token returned from server", "Check the server's address: claw.events config --show"),
        };
    }

    private ApiRequest Request(string path, string refused) =>
        new(HttpMethod.Post, path, refused) { Body = json => json.WriteString("username"u8, user) };

    // The token of another name would go on being used under this one.
    private Outcome Begin(string instructions) =>
        invocation.Config.Update(values => values with { Username = user, Token = values.Username == user ? values.Token : null }) is { } notSaved
            ? notSaved
            : new Success("Authentication initiated")
            {
                Data = json =>
                {
                    json.WriteString("username"u8, user);
                    json.WriteString("instructions"u8, instructions);
                },
                NextSteps = ["Do what the instructions say", "Then complete the login: claw.events verify"],
            };

    private Failure Explain(ApiAnswer answer, Failure failure) => (answer.Status, answer.Text("error"u8)) switch
    {
        // The server's other login, which needs no second step.
        (HttpStatusCode.BadRequest, "nonce required") => new Failure(
            "The verify command is deprecated", $"Log in in one step: claw.events login --user {user}"),
        (HttpStatusCode.BadRequest, _) => failure with { Fixes = [$"Begin again: claw.events login --user {user} --moltbook"] },
        (HttpStatusCode.Unauthorized, _) => failure with
        {
            Fixes = ["Put the signature into the description of your profile, then try again: claw.events verify"],
        },
        _ => failure,
    };
}

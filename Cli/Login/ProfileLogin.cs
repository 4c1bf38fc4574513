using System.Net;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Login;

/// <summary>Login with a signature in a Moltbook profile, in two steps; in between, the user adds the signature to the profile.</summary>
internal sealed class ProfileLogin(Invocation invocation, string user)
{
    /// <summary>Requests a signature, stores the name and shows instructions.</summary>
    /// <returns>null if the server does not offer this login.</returns>
    public async Task<Outcome?> TryBeginAsync()
    {
        var answer = await invocation.AskAsync(Request("/auth/init", "Authentication initialization failed"));
        return answer switch
        {
            { Failure: { } failure } => answer.Status is HttpStatusCode.NotFound ? null : failure,
            // A server that supports only SSH keys answers with a challenge.
            _ => answer.Text("instructions"u8) is { } instructions ? SaveName(instructions) : null,
        };
    }

    /// <summary>Asks the server to check the profile and saves the token it returns.</summary>
    public async Task<Outcome> CompleteAsync()
    {
        var answer = await invocation.AskAsync(Request("/auth/verify", "Authentication verification failed"));
        return answer switch
        {
            { Failure: { } failure } => ExplainRefusal(answer, failure),
            _ when answer.Text("token"u8) is { Length: > 0 } token =>
                SavedLogin.Save(invocation, "Authentication verified successfully", user, token),
            _ => new Failure("No token returned from server", "Check the server's address: claw.events config --show"),
        };
    }

    private ApiRequest Request(string path, string refused) =>
        new(HttpMethod.Post, path, refused) { Body = json => json.WriteString("username"u8, user) };

    // Another user's token would otherwise still be used, under the new name.
    private Outcome SaveName(string instructions) =>
        invocation.Config.Update(values => values with { Username = user, Token = values.Username == user ? values.Token : null }) is { } notSaved
            ? notSaved
            : new Success("Authentication initiated")
            {
                Data = json =>
                {
                    json.WriteString("username"u8, user);
                    json.WriteString("instructions"u8, instructions);
                },
                NextSteps = ["Follow the instructions", "Then complete the login: claw.events verify"],
            };

    private Failure ExplainRefusal(ApiAnswer answer, Failure failure) => (answer.Status, answer.Text("error"u8)) switch
    {
        // This server only has the other login, which needs no second step.
        (HttpStatusCode.BadRequest, "nonce required") => new Failure(
            "The verify command is deprecated", $"Log in with one command: claw.events login --user {user}"),
        (HttpStatusCode.BadRequest, _) => failure with { Fixes = [$"Start again: claw.events login --user {user} --moltbook"] },
        (HttpStatusCode.Unauthorized, _) => failure with
        {
            Fixes = ["Put the signature into the description of your profile, then try again: claw.events verify"],
        },
        _ => failure,
    };
}

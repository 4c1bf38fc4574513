using System.Net;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Login;

/// <summary>Login with a signature in a Moltbook profile, in two steps; in between, the user adds the signature to the profile.</summary>
internal sealed class ProfileLogin(Invocation invocation, string user)
{
    /// <summary>Requests a signature, stores the name and the verifier that belongs to it, and shows instructions.</summary>
    /// <returns>null if the server does not offer this login.</returns>
    public async Task<Outcome?> TryBeginAsync()
    {
        var answer = await invocation.AskAsync(Request("/auth/init", "Authentication initialization failed", verifier: null));
        return answer switch
        {
            { Failure: { } failure } => answer.Status is HttpStatusCode.NotFound or HttpStatusCode.NotImplemented ? null : failure,
            // A server that supports only SSH keys answers with a challenge.
            _ => answer.Text("instructions"u8) is { } instructions ? SaveBegun(instructions, answer.Text("verifier"u8)) : null,
        };
    }

    /// <summary>Asks the server to check the profile and saves the token it returns.</summary>
    public async Task<Outcome> CompleteAsync()
    {
        var answer = await invocation.AskAsync(Request("/auth/verify", "Authentication verification failed", invocation.Config.Values.ProfileVerifier));
        return answer switch
        {
            { Failure: { } failure } => ExplainRefusal(answer, failure),
            _ when answer.Text("token"u8) is { Length: > 0 } token =>
                SavedLogin.Save(invocation, "Authentication verified successfully", user, token),
            _ => new Failure("No token returned from server", "Check the server's address: claw.events config --show"),
        };
    }

    /// <param name="verifier">null or empty for none: not needed yet, or the server that began the login gave none.</param>
    private ApiRequest Request(string path, string refused, string? verifier) => new(HttpMethod.Post, path, refused)
    {
        Body = json =>
        {
            json.WriteString("username"u8, user);
            if (verifier is { Length: > 0 })
            {
                json.WriteString("verifier"u8, verifier);
            }
        },
    };

    // Another user's token would otherwise still be used, under the new name.
    private Outcome SaveBegun(string instructions, string? verifier) =>
        invocation.Config.Update(values => WithBegun(values, verifier)) is { } notSaved
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

    private ConfigValues WithBegun(ConfigValues values, string? verifier) =>
        values with { Username = user, Token = values.Username == user ? values.Token : null, ProfileVerifier = verifier ?? "" };

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

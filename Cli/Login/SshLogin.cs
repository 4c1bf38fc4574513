using System.Net;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Login;

/// <summary>Login with an SSH key whose public half is published: requests a challenge, signs it and sends the signature.</summary>
internal sealed class SshLogin(Invocation invocation, string user, string keyName)
{
    private const string CannotSign = "Failed to sign login challenge";

    /// <summary>Requests a challenge.</summary>
    public async Task<ApiAnswer> BeginAsync()
    {
        var answer = await invocation.AskAsync(
            new ApiRequest(HttpMethod.Post, "/auth/agent/init", "Authentication initialization failed")
            {
                Body = json =>
                {
                    json.WriteString("username"u8, user);
                    json.WriteString("key_name"u8, keyName);
                },
            });
        return answer.Status is HttpStatusCode.NotFound ? answer with { Failure = WithKeyFixes(answer.Failure!) } : answer;
    }

    /// <summary>Signs the challenge, sends the signature and saves the token that comes back.</summary>
    /// <param name="challenge">The answer of <see cref="BeginAsync"/>.</param>
    /// <param name="keyPath">A private key's file.</param>
    public async Task<Outcome> CompleteAsync(ApiAnswer challenge, string keyPath)
    {
        if (CheckChallenge(challenge) is { } problem)
        {
            return new Failure($"{CannotSign}: {problem}", "Check the server's address: claw.events config --show");
        }

        var (signature, notSigned) = await SshSigner.SignAsync(keyPath, challenge.Text("message"u8)!, invocation.Output);
        return signature is null
            ? new Failure($"{CannotSign}: {notSigned}", $"Test the key: ssh-keygen -y -f {keyPath}", "Use another key: --key-path <path>")
            : await SendAsync(challenge.Text("nonce"u8)!, signature);
    }

    // A server could otherwise obtain a signature for another name or another purpose.
    private string? CheckChallenge(ApiAnswer challenge) =>
        challenge.Text("nonce"u8) is null || challenge.Text("message"u8) is not { } message
            ? "the answer contains no nonce or no message"
            : challenge.Text("namespace"u8) is { } signatureNamespace && signatureNamespace != SshSigner.Namespace
            ? $"the server asks for a signature in the namespace {signatureNamespace}"
            : message.StartsWith($"claw.events login\nusername:{user}\n", StringComparison.Ordinal)
            ? null
            : $"the server asks for a signature of something other than a login of {user}";

    private async Task<Outcome> SendAsync(string nonce, string signature)
    {
        var answer = await invocation.AskAsync(
            new ApiRequest(HttpMethod.Post, "/auth/agent/verify", "Authentication verification failed")
            {
                Body = json =>
                {
                    json.WriteString("username"u8, user);
                    json.WriteString("key_name"u8, keyName);
                    json.WriteString("nonce"u8, nonce);
                    json.WriteString("signature"u8, signature);
                },
            });
        return answer switch
        {
            { Failure: { } failure } => answer.Status is HttpStatusCode.Unauthorized ? WithKeyFixes(failure) : failure,
            _ when answer.Text("token"u8) is { Length: > 0 } token => SavedLogin.Save(
                invocation, "Authentication completed", user, token, json => json.WriteString("keyName"u8, keyName)),
            _ => new Failure("No token returned from server", "Check the server's address: claw.events config --show"),
        };
    }

    private Failure WithKeyFixes(Failure failure) => failure with
    {
        Fixes =
        [
            $"Publish the public half of the key as '{keyName}' of {user}, usually on https://clawkey.org",
            "Use another key: --key-name <name> --key-path <path>",
            "Or log in with a Moltbook profile: claw.events login --user <name> --moltbook",
        ],
    };
}

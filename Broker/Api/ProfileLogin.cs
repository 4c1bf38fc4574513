using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>An agent proves its name by putting a signature into its Moltbook profile. docs/reference/http-api.md#login</summary>
/// <remarks>Only the client with the verifier that belongs to the signature gets the token (<see cref="ProfileChallenges"/>).</remarks>
internal sealed class ProfileLogin(
    IdentityOptions options, TokenIssuer tokens, IStateStore store, MoltbookProfiles profiles, ProfileChallenges challenges, ProfileLookups lookups)
{
    private static readonly ApiError NotConfigured = new(
        StatusCodes.Status501NotImplemented,
        "sign-in with a Moltbook profile is not configured: sign in with an SSH key (/auth/agent/init), or ask the operator to set MOLTBOOK_API_KEY");

    private static readonly ApiError NotPending = ApiError.BadRequest("no pending signature");

    private static readonly ApiError NeedsVerifier = ApiError.BadRequest(
        "verifier required: send the verifier that /auth/init has answered with; a client that does not know it has to be updated");

    /// <param name="context">Its body is read.</param>
    /// <param name="username">A valid agent name.</param>
    public async Task InitAsync(HttpContext context, string username)
    {
        if (!profiles.IsConfigured)
        {
            await NotConfigured.WriteAsync(context.Response);
            return;
        }

        var challenge = challenges.Make(username);
        if (options.AllowUnboundProfileLogin)
        {
            // For a broker or an old API beside this one that only knows stored signatures.
            await store.KeepSignatureAsync(username, challenge.Signature);
        }

        await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteString("username", username);
            json.WriteString("signature", challenge.Signature);
            json.WriteString("verifier", challenge.Verifier);
            json.WriteString("instructions", $"Add this signature to the description of your Moltbook profile, then verify within 10 minutes: {challenge.Signature}");
        });
    }

    /// <summary>A signature stays pending after a refusal: the profile may only need another minute.</summary>
    /// <inheritdoc cref="InitAsync"/>
    public async Task VerifyAsync(HttpContext context, string username, RequestFields fields)
    {
        var fault = FaultOf(fields, username, out var expected) ?? await FaultOfProofAsync(context, username, expected);
        await (fault?.WriteAsync(context.Response) ?? AnswerAsync(context.Response, username));
    }

    private async Task AnswerAsync(HttpResponse response, string username)
    {
        var token = tokens.IssueSessionToken(username, await store.GetRevokedUntilAsync(username));
        await ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json => json.WriteString("token", token));
    }

    /// <param name="expected">The signature that belongs to the verifier; null: any of this name, as the operator allows it.</param>
    private ApiError? FaultOf(RequestFields fields, string username, out string? expected)
    {
        expected = null;
        if (!fields.TryGetText("verifier", out var verifier))
        {
            return ApiError.BadRequest("verifier must be text");
        }

        if (verifier.Length == 0)
        {
            return options.AllowUnboundProfileLogin ? null : NeedsVerifier;
        }

        expected = challenges.SignatureOf(username, verifier);
        return expected is null ? NotPending : null;
    }

    private async Task<ApiError?> FaultOfProofAsync(HttpContext context, string username, string? expected)
    {
        if (!profiles.IsConfigured)
        {
            return new(StatusCodes.Status500InternalServerError, "MOLTBOOK_API_KEY not configured");
        }

        var found = await lookups.FindAsync(username, context.RequestAborted);
        return found.Texts is { } texts ? await SpendAsync(username, texts, expected)
            : found.Wait > TimeSpan.Zero ? ApiError.TooMany("too many attempts to verify this name", found.Wait)
            : new(StatusCodes.Status502BadGateway, $"profile fetch failed ({found.Fault})");
    }

    // Each signature works once.
    private async Task<ApiError?> SpendAsync(string username, IReadOnlyList<string> texts, string? expected)
    {
        if (texts.FirstOrDefault(text => expected is null ? challenges.IsOf(username, text) : text == expected) is { } signature)
        {
            await store.TryTakeSignatureAsync(username, signature);
            return await store.TrySpendSignatureAsync(username, signature, ProfileChallenges.IssuedAtOf(signature)) ? null : NotPending;
        }

        if (expected is null && await store.GetSignatureAsync(username) is { } pending && texts.Any(text => text.StartsWith(pending, StringComparison.Ordinal)))
        {
            return await store.TryTakeSignatureAsync(username, pending) ? null : NotPending;
        }

        return ApiError.Unauthorized("signature not found");
    }
}

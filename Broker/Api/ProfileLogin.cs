using System.Buffers.Text;
using System.Security.Cryptography;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>An agent proves its name by putting a signature into its Moltbook profile. docs/reference/http-api.md#login</summary>
internal sealed class ProfileLogin(TokenIssuer tokens, IStateStore store, MoltbookProfiles profiles)
{
    private const int SignatureBytes = 10;

    /// <param name="context">Its body is read.</param>
    /// <param name="username">A valid agent name.</param>
    public async Task InitAsync(HttpContext context, string username)
    {
        var signature = $"claw-sig-{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SignatureBytes))}";
        await store.SetSignatureAsync(username, signature);
        await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteString("username", username);
            json.WriteString("signature", signature);
            json.WriteString("instructions", $"Add this signature to the description of your Moltbook profile, then verify within 10 minutes: {signature}");
        });
    }

    /// <summary>A signature stays pending after a refusal: the profile may only need another minute.</summary>
    /// <inheritdoc cref="InitAsync"/>
    public async Task VerifyAsync(HttpContext context, string username)
    {
        if (await store.GetSignatureAsync(username) is not { } signature)
        {
            await ApiError.BadRequest("no pending signature").WriteAsync(context.Response);
        }
        else if (!profiles.IsConfigured)
        {
            await new ApiError(StatusCodes.Status500InternalServerError, "MOLTBOOK_API_KEY not configured").WriteAsync(context.Response);
        }
        else if (await profiles.FetchAsync(username, context.RequestAborted) is var profile && profile.Description is not { } description)
        {
            await new ApiError(StatusCodes.Status502BadGateway, $"profile fetch failed ({profile.Fault})").WriteAsync(context.Response);
        }
        else if (!description.Contains(signature, StringComparison.Ordinal))
        {
            await ApiError.Unauthorized("signature not found").WriteAsync(context.Response);
        }
        else if (!await store.TryTakeSignatureAsync(username, signature))
        {
            await ApiError.BadRequest("no pending signature").WriteAsync(context.Response);
        }
        else
        {
            await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json => json.WriteString("token", tokens.IssueSessionToken(username)));
        }
    }
}

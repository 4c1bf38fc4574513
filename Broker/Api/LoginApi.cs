using System.Buffers.Text;
using System.Security.Cryptography;
using ClawEvents.Broker.Api.Description;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>
/// <c>POST /auth/init</c> and <c>/auth/verify</c>: an agent proves its name by putting a signature into its Moltbook profile.
/// docs/reference/http-api.md#login
/// </summary>
internal sealed class LoginApi(TokenIssuer tokens, IStateStore store, MoltbookProfiles profiles)
{
    private const int SignatureBytes = 10;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/auth/init", (RequestDelegate)(context => RunAsync(context, InitAsync))).Describe(new(ApiDescription.SignIn, "Begin a login")
        {
            Body = [ApiField.Username],
            Answer = [ApiField.Username, ApiField.Text("signature", "to be put into the profile"), ApiField.Text("instructions")],
        });
        endpoints.MapPost("/auth/verify", (RequestDelegate)(context => RunAsync(context, VerifyAsync))).Describe(new(ApiDescription.SignIn, "Complete a login")
        {
            Body = [ApiField.Username],
            Answer = [ApiField.Text("token", "for 7 days")],
            Refusals = [StatusCodes.Status401Unauthorized, StatusCodes.Status500InternalServerError, StatusCodes.Status502BadGateway],
        });
    }

    private static async Task RunAsync(HttpContext context, Func<HttpContext, string, Task> act)
    {
        if (await Usernames.ReadAsync(context) is { } username)
        {
            await act(context, username);
        }
    }

    private async Task InitAsync(HttpContext context, string username)
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

    // The signature goes on waiting after a refusal: the profile may only need another minute.
    private async Task VerifyAsync(HttpContext context, string username)
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

using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>
/// <c>POST /auth/dev-register</c>: a token without proof, in development mode only; <c>/auth/revoke</c>: revokes the caller's tokens.
/// docs/reference/http-api.md#dev-register
/// </summary>
internal sealed class AuthApi(ApiOptions options, BearerAuthentication authentication, ApiKeys keys, IStateStore store, ConnectionSweeper connections, TimeProvider time) : IApi
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/auth/dev-register", (RequestDelegate)RegisterAsync).Describe(new(ApiDescription.SignIn, "Get a token without proof, in development mode")
        {
            Body = [ApiField.Username],
            Answer = [ApiField.Text("token"), ApiField.Username, ApiField.Text("hint")],
            Refusals = [StatusCodes.Status404NotFound],
        });
        endpoints.MapPost("/auth/revoke", (RequestDelegate)RevokeAsync).Describe(new(ApiDescription.SignIn, "Revoke one's own tokens")
        {
            Caller = ApiCaller.Token,
            Answer = [ApiField.Ok, ApiField.Flag("revoked"), ApiField.Username, ApiField.Text("hint")],
        });
    }

    private async Task RegisterAsync(HttpContext context)
    {
        if (!options.DevMode)
        {
            // Before the body is read, so that a production instance reveals nothing.
            await new ApiError(StatusCodes.Status404NotFound, "not available").WriteAsync(context.Response);
            return;
        }

        if (await Usernames.ReadAsync(context) is { } username)
        {
            await keys.IssueAsync(context.Response, username, "Dev mode API key created. Store it securely.");
        }
    }

    // The body is not read: the token names the principal.
    private async Task RevokeAsync(HttpContext context)
    {
        if (await authentication.AuthenticateAsync(context) is not { } principal)
        {
            return;
        }

        // The token of another node may be a little ahead of this node's clock.
        await store.RevokeTokensAsync(principal.Name, Math.Max(time.GetUtcNow().ToUnixTimeSeconds(), principal.Token.IssuedAt));
        await connections.SweepAsync(principal.Name);
        await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteBoolean("revoked", true);
            json.WriteString("username", principal.Name);
            json.WriteString("hint", "All tokens that were issued to this name until now are revoked. Sign in again to get a new one.");
        });
    }
}

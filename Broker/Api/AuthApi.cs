using ClawEvents.Broker.Identity;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary><c>POST /auth/dev-register</c>: a token for the asking, in development mode only. docs/reference/http-api.md#dev-register</summary>
internal sealed class AuthApi(BrokerOptions options, TokenIssuer tokens, IStateStore store)
{
    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapPost("/auth/dev-register", (RequestDelegate)RegisterAsync);

    private async Task RegisterAsync(HttpContext context)
    {
        if (!options.DevMode)
        {
            // Before the body is read: an instance in production shows nothing of this.
            await new ApiError(StatusCodes.Status404NotFound, "not available").WriteAsync(context.Response);
            return;
        }

        if (await Usernames.ReadAsync(context) is { } username)
        {
            await IssueAsync(context.Response, username);
        }
    }

    private async Task IssueAsync(HttpResponse response, string username)
    {
        var token = tokens.IssueApiKey(username);
        await store.SetKeyHashAsync(username, TokenIssuer.HashOf(token));
        await ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
        {
            json.WriteString("token", token);
            json.WriteString("username", username);
            json.WriteString("hint", "Dev mode API key created. Store it securely.");
        });
    }
}

using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Api;

/// <summary>Authenticates callers of the claw.events API by <c>Authorization: Bearer TOKEN</c>.</summary>
internal sealed class BearerAuthentication(CallerTokens tokens, BrokerMetrics metrics)
{
    // Case-sensitive and with exactly one space, as in the contract.
    private const string Prefix = "Bearer ";

    /// <summary>The refusal of a request without a token.</summary>
    public static ApiError Missing { get; } = ApiError.Unauthorized("Missing bearer token");

    public static bool IsBearer(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith(Prefix, StringComparison.Ordinal);

    /// <param name="request">One of a bearer.</param>
    public static string TokenOf(HttpRequest request) => request.Headers.Authorization.ToString()[Prefix.Length..];

    /// <returns>The principal, or null after a 401 has been written.</returns>
    public async ValueTask<Principal?> AuthenticateAsync(HttpContext context)
    {
        if (!IsBearer(context.Request))
        {
            metrics.AuthenticationFailed("api", "missing");
            await Missing.WriteAsync(context.Response);
            return null;
        }

        var result = await tokens.VerifyAsync(context.Request.Headers.Authorization.ToString().AsMemory(Prefix.Length));
        if (result.Status is TokenStatus.Valid)
        {
            RequestNotes.SetUser(context, result.Principal!.Name);
            return result.Principal;
        }

        metrics.AuthenticationFailed("api", result.Status);
        await ApiError.Unauthorized(result.Status is TokenStatus.Revoked ? "Invalid or revoked API key" : "Invalid or expired token")
            .WriteAsync(context.Response);
        return null;
    }
}

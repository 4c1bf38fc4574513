using System.Text.Json;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api.Admin;

/// <summary><c>POST /api/token</c>, <c>/api/token/check</c> and <c>/api/token/revoke</c>: tokens of clients, for operators. docs/reference/http-api.md#token</summary>
internal sealed class TokensApi(
    OperatorDoor door, ConnectionTokens connections, SubscriptionTokens subscriptions, SigningSecret secret, TokenInspection inspection, IStateStore store, ConnectionSweeper sweeper, TimeProvider time) : IApi
{
    private const string Path = "/api/token";

    // As the command of the broker that makes tokens.
    private const long DefaultSeconds = 7 * 24 * 3600;

    // A hundred years.
    private const long MaxSeconds = 100L * 365 * 24 * 3600;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Path, door.Guard(MakeAsync)).Describe(Description("Make a token") with
        {
            Body = [ApiField.Text("user", "empty: a client without a user").Optional(), ApiField.Number("seconds", "until it expires, 7 days by default; 0: never").Optional(), ApiField.Text("channel", "for a subscription to it").Optional()],
            Answer = [ApiField.Ok, ApiField.Text("token"), ApiField.Number("expiresInSeconds").Optional()],
        });
        endpoints.MapPost($"{Path}/check", door.Guard(CheckAsync)).Describe(Description("Check a token") with
        {
            Body = [ApiField.Text("token")],
            Answer =
            [
                ApiField.Ok, ApiField.Flag("valid"), ApiField.Text("status", "valid, invalid, expired, revoked or unavailable"), ApiField.Text("kind", "connection, subscription, apikey or appkey").Optional(),
                ApiField.Text("user").Optional(), ApiField.Text("channel").Optional(), ApiField.Number("expiresInSeconds").Optional(), ApiField.Object("claims", "if the signature is right").Optional(),
            ],
        });
        endpoints.MapPost($"{Path}/revoke", door.Guard(RevokeAsync)).Describe(Description("Revoke a user's tokens") with
        {
            Body = [ApiField.Text("user")],
            Answer = [ApiField.Ok, ApiField.Text("user"), ApiField.Number("revokedUntil", "tokens issued until then, in Unix seconds")],
        });
    }

    private static ApiDescription Description(string summary) => new("Operation", summary) { Caller = ApiCaller.Key };

    private async Task MakeAsync(HttpContext context)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        if (fields is null || !fields.TryGetText("user", out var user) || !fields.TryGetText("channel", out var channel) || !fields.TryGetNumber("seconds", DefaultSeconds, out var seconds))
        {
            await ApiError.BadRequest("the body must be a JSON object with user and channel as text and seconds as a number").WriteAsync(context.Response);
        }
        else if (!ClientTokens.MayName(user) || user.Length > GrantsApi.MaxTargetLength)
        {
            await ApiError.BadRequest("no token can name this user: 'anonymous' is no user, an app has keys instead, and a name has at most 255 characters").WriteAsync(context.Response);
        }
        else if (seconds is < 0 or > MaxSeconds)
        {
            await ApiError.BadRequest($"seconds must be a number from 0 (never) to {MaxSeconds}").WriteAsync(context.Response);
        }
        else
        {
            var settings = channel.Length > 0 ? subscriptions.Settings : connections.Settings;
            TimeSpan? lifetime = seconds == 0 ? null : TimeSpan.FromSeconds(seconds);
            await WriteTokenAsync(context.Response, ClientTokens.Sign(settings, secret, user, channel.Length > 0 ? channel : null, lifetime, time.GetUtcNow()), seconds);
        }
    }

    private static Task WriteTokenAsync(HttpResponse response, string token, long seconds) => ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
    {
        json.WriteBoolean("ok", true);
        json.WriteString("token", token);
        if (seconds > 0)
        {
            json.WriteNumber("expiresInSeconds", seconds);
        }
    });

    private async Task CheckAsync(HttpContext context)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        if (fields is null || !fields.TryGetText("token", out var token) || token.Length == 0)
        {
            await ApiError.BadRequest("token required, as text").WriteAsync(context.Response);
            return;
        }

        var found = await inspection.InspectAsync(token);
        await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteBoolean("valid", found.Status is TokenStatus.Valid);
            json.WriteString("status", found.Status.ToString().ToLowerInvariant());
            if (found.Claims is { } claims)
            {
                Write(json, found, claims);
            }
        });
    }

    private void Write(Utf8JsonWriter json, InspectedToken found, JsonElement claims)
    {
        json.WriteString("kind", found.Kind);
        json.WriteString("user", found.User);
        if (found.Channel.Length > 0)
        {
            json.WriteString("channel", found.Channel);
        }

        if (found.ExpiresAt is { } end)
        {
            json.WriteNumber("expiresInSeconds", (long)(end - time.GetUtcNow()).TotalSeconds);
        }

        json.WritePropertyName("claims");
        claims.WriteTo(json);
    }

    private async Task RevokeAsync(HttpContext context)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        if (fields is null || !fields.TryGetText("user", out var user) || user.Length == 0 || user.Length > GrantsApi.MaxTargetLength)
        {
            await ApiError.BadRequest("user required, as text of at most 255 characters").WriteAsync(context.Response);
            return;
        }

        var until = time.GetUtcNow().ToUnixTimeSeconds();
        await store.RevokeTokensAsync(user, until);
        await sweeper.SweepAsync(user);
        await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteString("user", user);
            json.WriteNumber("revokedUntil", until);
        });
    }
}

using System.Globalization;
using System.Text.Json;

namespace ClawEvents.Broker.Api;

/// <summary>A refusal of the claw.events API: an HTTP status and a body <c>{"error":TEXT}</c>, with <c>reason</c> for a refused permission, for a 429 with <c>retry_after</c>.</summary>
/// <param name="Message">The wording of the contract, where it has one.</param>
internal sealed record ApiError(int Status, string Message)
{
    public static ApiError BadRequest(string message) => new(StatusCodes.Status400BadRequest, message);

    public static ApiError Unauthorized(string message) => new(StatusCodes.Status401Unauthorized, message);

    public static ApiError Forbidden(string message) => new(StatusCodes.Status403Forbidden, message);

    public static ApiError TooLarge(string message) => new(StatusCodes.Status413PayloadTooLarge, message);

    /// <summary>The word of the rule that refused, the field <c>reason</c> of a 403; null: the message says it all.</summary>
    public string? Reason { get; private init; }

    /// <summary>Whole seconds after which a client may try again; 0: not said.</summary>
    public int RetryAfter { get; private init; }

    /// <param name="wait">Rounded up to whole seconds.</param>
    public static ApiError TooMany(string message, TimeSpan wait) =>
        new(StatusCodes.Status429TooManyRequests, message) { RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) };

    /// <summary>The same with its reason, if it is a 403.</summary>
    public ApiError Because(string? reason) => Status == StatusCodes.Status403Forbidden ? this with { Reason = reason } : this;

    public Task WriteAsync(HttpResponse response)
    {
        if (RetryAfter > 0)
        {
            response.Headers.RetryAfter = RetryAfter.ToString(CultureInfo.InvariantCulture);
        }

        return ApiResponse.WriteAsync(response, Status, Write);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteString("error", Message);
        if (Reason is not null)
        {
            json.WriteString("reason", Reason);
        }

        if (RetryAfter > 0)
        {
            json.WriteNumber("retry_after", RetryAfter);
        }
    }
}

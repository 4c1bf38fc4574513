using System.Text.Json;

namespace ClawEvents.Broker.Api;

/// <summary>A refusal of the claw.events API: an HTTP status and a body <c>{"error":TEXT}</c>.</summary>
/// <param name="Message">The wording of the contract, where it has one.</param>
internal sealed record ApiError(int Status, string Message)
{
    public static ApiError BadRequest(string message) => new(StatusCodes.Status400BadRequest, message);

    public static ApiError Unauthorized(string message) => new(StatusCodes.Status401Unauthorized, message);

    public static ApiError Forbidden(string message) => new(StatusCodes.Status403Forbidden, message);

    public static ApiError TooLarge(string message) => new(StatusCodes.Status413PayloadTooLarge, message);

    public Task WriteAsync(HttpResponse response) => ApiResponse.WriteAsync(response, Status, Write);

    private void Write(Utf8JsonWriter json) => json.WriteString("error", Message);
}

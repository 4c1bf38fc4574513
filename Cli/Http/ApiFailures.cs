using System.Net;
using System.Text;
using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Http;

/// <summary>The errors of requests, each with steps to fix it.</summary>
internal static class ApiFailures
{
    // Enough for any error of the API.
    private const int MaxShownCharacters = 500;

    // The rule of a refusal is a word for programs: the error says the same to people.
    private static readonly string[] SaidAlready = ["error", "reason", "ok"];

    public static Failure AuthenticationRequired { get; } = new(
        "Authentication required",
        "Log in: claw.events login --user <name>",
        "On a development server: claw.events dev-register --user <name>",
        "Or pass a token for this command: --token <token>, or CLAW_TOKEN=<token>");

    public static Failure Unreachable(string serverUrl, ConnectFault fault) => new(
        $"Cannot reach {serverUrl}: {fault.Reason}",
        fault.IsPermanent ? fault.Fixes :
        [
            "Check that the server runs and that its address is right",
            "Use another server: --server <url>, or claw.events config --server <url>",
        ]);

    /// <summary>A success without a JSON object: another server answered.</summary>
    public static Failure NotTheApi(string serverUrl, HttpResponseMessage response) => new(
        $"Unexpected answer from {serverUrl}: status {(int)response.StatusCode} without a JSON object",
        "Check the server's address: claw.events config --show");

    /// <summary><c>&lt;text&gt;: &lt;response body&gt;</c>; for people, the error that the body contains.</summary>
    /// <param name="body">null if it is not JSON.</param>
    public static Failure Refused(ApiRequest request, HttpStatusCode status, string reason, JsonElement? body)
    {
        var error = body?.StringMember("error"u8);
        var failure = new Failure($"{request.Refused}: {reason}", Fixes(status));
        if (error is null)
        {
            return failure;
        }
        failure = failure with { Plain = $"{request.Refused}: {error}", PlainData = json => json.WriteMembersOf(body!.Value, SaidAlready) };
        return error is ChannelAdvice.InvalidFormat && request.Channel is { } channel
            ? failure with { Plain = $"{request.Refused}: {ChannelAdvice.Problem(channel, request.NeedsOwner)}", Fixes = ChannelAdvice.Fixes(channel, request.NeedsOwner) }
            : failure;
    }

    /// <summary>The server's reason for a refusal, one line.</summary>
    public static string Reason(HttpResponseMessage response, byte[] body) => OneLine(body) ?? Status(response);

    /// <summary>null if the body has no useful line: the error page of a proxy is for browsers.</summary>
    private static string? OneLine(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body).ReplaceLineEndings(" ").Trim();
        return text.Length switch
        {
            0 => null,
            _ when text[0] == '<' => null,
            > MaxShownCharacters => text[..MaxShownCharacters] + "…",
            _ => text,
        };
    }

    private static string Status(HttpResponseMessage response) =>
        response.Headers.Location is { } location
            ? $"status {(int)response.StatusCode}, moved to {location}"
            : $"status {(int)response.StatusCode}";

    private static string[] Fixes(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => ["Fix the problem that the server reports and try again"],
        HttpStatusCode.Unauthorized =>
        [
            "Log in again: claw.events login --user <name>",
            "On a development server: claw.events dev-register --user <name>",
        ],
        HttpStatusCode.Forbidden => ["Check the channel's owner and who is logged in: claw.events whoami"],
        HttpStatusCode.NotFound => ["Check the name, and the server's address: claw.events config --show"],
        HttpStatusCode.RequestEntityTooLarge => ["Send less: a payload can be at most 16384 bytes of JSON"],
        HttpStatusCode.TooManyRequests => ["Wait a second and try again"],
        >= HttpStatusCode.InternalServerError => ["The server has a problem: try again later"],
        _ => ["Check the server's address: claw.events config --show"],
    };
}

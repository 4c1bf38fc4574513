using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Config;

/// <summary>The values that the client keeps between runs; null if not set.</summary>
/// <param name="ProfileVerifier">Secret: completes the login with a Moltbook profile that has begun. Empty from a server that gives none.</param>
/// <param name="RateLimitedUntil">Unix milliseconds until which the server refuses requests that write.</param>
/// <param name="Context">The context in use instead of this file; only in the config file itself.</param>
internal sealed record ConfigValues(
    string? Username = null,
    string? Token = null,
    string? ServerUrl = null,
    string? WsUrl = null,
    string? ProfileVerifier = null,
    long? RateLimitedUntil = null,
    string? Context = null)
{
    private static readonly string[] Known = ["username", "token", "serverUrl", "wsUrl", "profileVerifier", "rateLimitedUntil", "context"];

    /// <summary>Reads the known members; one of the wrong type counts as not set.</summary>
    public static ConfigValues From(JsonElement file) => new(
        file.StringMember("username"u8),
        file.StringMember("token"u8),
        file.StringMember("serverUrl"u8),
        file.StringMember("wsUrl"u8),
        file.StringMember("profileVerifier"u8),
        file.IntegerMember("rateLimitedUntil"u8),
        file.StringMember("context"u8));

    /// <summary>Writes the values, then the members of <paramref name="before"/> that this version does not know.</summary>
    public void Write(Utf8JsonWriter json, JsonElement? before)
    {
        WriteText(json, "username", Username);
        WriteText(json, "token", Token);
        WriteText(json, "serverUrl", ServerUrl);
        WriteText(json, "wsUrl", WsUrl);
        WriteText(json, "profileVerifier", ProfileVerifier);
        if (RateLimitedUntil is { } until)
        {
            json.WriteNumber("rateLimitedUntil"u8, until);
        }
        WriteText(json, "context", Context);
        if (before is { } file)
        {
            foreach (var member in file.EnumerateObject().Where(member => !Known.Contains(member.Name)))
            {
                member.WriteTo(json);
            }
        }
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}

using System.Buffers.Text;
using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Config;

/// <summary>Reads the subject and the end of a token.</summary>
internal static class TokenSubject
{
    // The year 9999, the last that a moment can be in.
    private const long MostSeconds = 253_402_300_799;

    /// <summary>The claim <c>sub</c>, not verified: only the server can check the signature. null if the token is not a JWT or has none.</summary>
    public static string? Of(string? token) => Claims(token)?.StringMember("sub"u8);

    /// <summary>The claim <c>exp</c>, not verified either, in Unix milliseconds; null if the token has no end.</summary>
    public static long? EndOf(string? token) => Claims(token)?.IntegerMember("exp"u8) is { } seconds and > 0 and < MostSeconds ? seconds * 1000 : null;

    private static JsonElement? Claims(string? token) =>
        token?.Split('.') is [_, var claims, _] && Base64Url.IsValid(claims) ? JsonText.TryParse(Base64Url.DecodeFromChars(claims)) : null;
}

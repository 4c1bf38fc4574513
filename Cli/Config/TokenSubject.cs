using System.Buffers.Text;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Config;

/// <summary>Reads the subject of a token.</summary>
internal static class TokenSubject
{
    /// <summary>The claim <c>sub</c>, not verified: only the server can check the signature. null if the token is not a JWT or has none.</summary>
    public static string? Of(string? token)
    {
        if (token?.Split('.') is not [_, var claims, _] || !Base64Url.IsValid(claims))
        {
            return null;
        }
        return JsonText.TryParse(Base64Url.DecodeFromChars(claims))?.StringMember("sub"u8);
    }
}

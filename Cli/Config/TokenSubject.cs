using System.Buffers.Text;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Config;

/// <summary>Who a token says it is for.</summary>
internal static class TokenSubject
{
    /// <summary>The claim <c>sub</c>, unproven: only the server can check the signature. null if the token is no JWT with one.</summary>
    public static string? Of(string? token)
    {
        if (token?.Split('.') is not [_, var claims, _] || !Base64Url.IsValid(claims))
        {
            return null;
        }
        return JsonText.TryParse(Base64Url.DecodeFromChars(claims))?.StringMember("sub"u8);
    }
}

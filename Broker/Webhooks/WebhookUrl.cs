using System.Net;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Webhooks;

/// <summary>The rules for a webhook's URL.</summary>
/// <remarks>An address of a name is checked with each connection (<see cref="FilteredDial"/>), because it may change.</remarks>
internal sealed class WebhookUrl(WebhookOptions options, AddressFilter filter)
{
    private const int MaxLength = 2048;

    /// <returns>What is wrong with the URL; null: nothing.</returns>
    public string? FindFault(string text)
    {
        if (text.Length > MaxLength || text.Any(character => character is <= ' ' or > '~') || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            return $"url must be an absolute address of at most {MaxLength} ASCII characters, for example https://example.com/hook";
        }

        return url.Scheme != Uri.UriSchemeHttps && !(options.AllowsHttp && url.Scheme == Uri.UriSchemeHttp) ? "url must begin with https://"
            : url.UserInfo.Length > 0 || url.Fragment.Length > 0 ? "url must have neither a user name nor a fragment: deliveries are signed, so the receiver needs no password"
            : IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && !filter.Allows(address) ? "url must not name an address that is not public"
            : null;
    }
}

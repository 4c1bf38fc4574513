using System.Text.RegularExpressions;
using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Web;

/// <summary>The address by which a client has reached the broker, for texts that repeat it.</summary>
internal sealed partial class ServerAddress(TrustedProxies proxies)
{
    /// <summary>Scheme, name and port, as <c>https://broker.example</c>.</summary>
    /// <remarks>
    /// The name is that of the <c>Host</c> header, which every client can write: only what has the form of a name is repeated. TLS that ends at a
    /// trusted proxy is known by <c>X-Forwarded-Proto</c>.
    /// </remarks>
    public string Of(HttpContext context)
    {
        var request = context.Request;
        var host = request.Headers.Host.ToString();
        return $"{(proxies.IsSecure(context) ? "https" : "http")}://{(Name().IsMatch(host) ? host : $"localhost:{context.Connection.LocalPort}")}";
    }

    [GeneratedRegex(@"\A(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\z")]
    private static partial Regex Name();
}

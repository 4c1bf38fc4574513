using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;

namespace ClawEvents.Cli.Http;

/// <summary>Why a server cannot be reached, in words for people.</summary>
/// <param name="Reason">The end of a sentence, without a full stop.</param>
/// <param name="Fixes">What helps; empty if only waiting does.</param>
internal sealed record ConnectFault(string Reason, params IReadOnlyList<string> Fixes)
{
    /// <summary>Whether the same attempt fails again until somebody changes something.</summary>
    public bool IsPermanent => Fixes.Count > 0;

    /// <param name="exception">Of a request or a connect.</param>
    /// <param name="host">The name that was looked up.</param>
    /// <param name="trust">The one that judged the server's certificate.</param>
    public static ConnectFault Of(Exception exception, string host, CertificateTrust trust)
    {
        if (Find<AuthenticationException>(exception) is not null)
        {
            return trust.Problem is { } problem ? Untrusted(problem) : NoTls;
        }
        if (Find<SocketException>(exception) is { } socket)
        {
            return OfSocket(socket, host);
        }
        return Find<HttpRequestException>(exception)?.HttpRequestError switch
        {
            HttpRequestError.InvalidResponse => new("what answers does not speak HTTP", "Check the address and the port: claw.events config", "If the server uses TLS, begin its address with https://"),
            HttpRequestError.ResponseEnded => new("the connection was closed without an answer"),
            HttpRequestError.ProxyTunnelError => new("the proxy does not let the connection through"),
            _ => new(ReasonOf(exception)),
        };
    }

    /// <summary>A server that answers a WebSocket handshake with something else.</summary>
    public static ConnectFault OfHandshake(HttpStatusCode status) => (int)status is >= 500 or 408 or 429
        ? new($"it answers with status {(int)status}")
        : new($"it answers with status {(int)status} instead of a WebSocket", "Check the server's address: claw.events config", "Or name the WebSocket itself: CLAW_WS_URL=wss://…");

    /// <summary>Why a connection that was there was lost: the end of a sentence.</summary>
    public static string ReasonOf(Exception exception) => Find<WebSocketException>(exception)?.WebSocketErrorCode is WebSocketError.ConnectionClosedPrematurely
        ? "the connection was closed"
        : exception.GetBaseException().Message.TrimEnd('.');

    private static ConnectFault NoTls { get; } = new(
        "it does not speak TLS, or no version of it that this machine allows", "Check the port", "For a server without TLS, begin the address with http://");

    private static ConnectFault Untrusted(string problem) => new(
        problem, "Trust its authority for this command: --ca <file.pem>", "Or for all programs: SSL_CERT_FILE=<file.pem>", "Or use the name that the certificate is for");

    private static ConnectFault OfSocket(SocketException exception, string host) => exception.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData => new($"DNS error, there is no host named {host}", "Check the server's address: claw.events config", "Or use another one: --server <url>"),
        // Also the answer of a machine whose name server knows no such name and asks nobody else.
        SocketError.TryAgain => new($"DNS error, the name {host} cannot be looked up", "Check the server's address: claw.events config", "Check that this machine has a network and a name server"),
        _ => new(exception.Message.TrimEnd('.')),
    };


    private static T? Find<T>(Exception? exception)
        where T : Exception => exception switch
        {
            null => null,
            T found => found,
            _ => Find<T>(exception.InnerException),
        };
}

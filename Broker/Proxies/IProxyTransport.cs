using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Proxies;

/// <summary>How a question reaches a back end, and its answer comes back. What the answer means is decided above it, for every transport alike.</summary>
internal interface IProxyTransport
{
    /// <param name="cancellation">Cancelled when the client has disconnected.</param>
    /// <returns>The answer in JSON, as docs/reference/proxies.md has it; no body when there was none in time, or the back end failed.</returns>
    Task<FetchResult> AskAsync(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, CancellationToken cancellation);
}

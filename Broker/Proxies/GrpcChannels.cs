using ClawEvents.Broker.Http;
using Grpc.Core;
using Grpc.Net.Client;

namespace ClawEvents.Broker.Proxies;

/// <summary>The channels to back ends that speak gRPC, and the metadata of calls.</summary>
internal static class GrpcChannels
{
    private const string BinarySuffix = "-bin";

    // Read by the library, and not sent as it is.
    private const string CompressionKey = "grpc-internal-encoding-request";

    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <param name="maxBytes">Of an answer.</param>
    public static GrpcChannel Open(ProxySettings proxy, int maxBytes)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            PooledConnectionLifetime = ConnectionLifetime,

            // Tracing would add metadata of its own.
            ActivityHeadersPropagator = null,
        };
        if (proxy.Tls is { } tls)
        {
            tls.Apply(handler.SslOptions);

            // The name in the certificate is that of the address, whatever the socket connects to.
            handler.ConnectCallback = async (_, cancellation) => await SocketDial.OpenAsync(socket => socket.ConnectAsync(proxy.Endpoint.IdnHost, proxy.Endpoint.Port, cancellation));
        }

        var address = new UriBuilder(proxy.Endpoint)
        {
            Scheme = proxy.Tls is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps,
            Host = proxy.Tls?.ServerName ?? proxy.Endpoint.Host,
        }.Uri;
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = maxBytes,
            MaxRetryAttempts = 0,
        });
    }

    /// <summary>The headers for a back end as metadata. Those whose names gRPC does not allow are left out, and those of bytes, which no client can send as text.</summary>
    public static Metadata MetadataOf(ProxySettings proxy, ClientHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, value) in headers.For(proxy))
        {
            var key = name.ToLowerInvariant();
            if (IsKey(key))
            {
                metadata.Add(key, value);
            }
        }

        if (proxy.Compresses)
        {
            metadata.Add(CompressionKey, "gzip");
        }

        if (proxy.GrpcCredentials is { } credentials)
        {
            metadata.Add(credentials.Key, credentials.Value);
        }

        return metadata;
    }

    /// <summary>Whether metadata of text may have this name, in lower case: "Custom-Metadata" of the protocol.</summary>
    public static bool IsKey(string key) =>
        key.Length > 0 && !key.EndsWith(BinarySuffix, StringComparison.Ordinal) && !key.StartsWith("grpc-", StringComparison.Ordinal) && key.All(IsOfKey);

    private static bool IsOfKey(char character) => char.IsAsciiDigit(character) || char.IsAsciiLetterLower(character) || character is '-' or '_' or '.';
}

using System.Net;
using System.Net.Sockets;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker;

/// <summary><c>clawevents-broker healthcheck</c>: checks the health of the local broker. For containers, whose images have no curl.</summary>
internal static class HealthCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    /// <param name="args">The arguments of that broker, if they set its address.</param>
    /// <returns>0 if it answers, otherwise 1.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        var options = StartupSettings.Read(args).Options;
        var (at, port, usesTls) = PlaceOf(options.Listeners);
        var host = HostOf(at);

        // The certificate is for the public host, not this machine: only the answer matters here.
#pragma warning disable CA5359
        using var handler = new SocketsHttpHandler { ConnectCallback = ConnectorTo(at), SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
#pragma warning restore CA5359
        using var client = new HttpClient(handler) { Timeout = Timeout };
        try
        {
            using var response = await client.GetAsync(new Uri($"{(usesTls ? "https" : "http")}://{host}:{port}{options.Api.HealthPath}"));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"clawevents-broker: no answer: {exception.Message}");
            return 1;
        }
    }

    // On the internal port it needs no certificate of its own.
    private static (string Host, int Port, bool UsesTls) PlaceOf(ListenerOptions options) =>
        options is { TlsClientAuthorityFile: not null, InternalPort: { } port, InternalTls: null or { ClientAuthorities: null } } ? (options.HostOfInternalPort, port, options.UsesTlsOnInternalPort)
        : (options.Host, options.Port, options.UsesTls);

    private static string HostOf(string host) =>
        ListenerOptions.SocketPathOf(host) is not null || ListenerOptions.AddressOf(host) is not { } address || address.Equals(IPAddress.IPv6Any)
            ? "localhost"
            : new UriBuilder { Host = host }.Host;

    // Null: to the host and port of the request.
    private static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? ConnectorTo(string host) =>
        ListenerOptions.SocketPathOf(host) is not { } path ? null : async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        };
}

using ClawEvents.Broker.Configuration;
using Grpc.Net.Client;

namespace ClawEvents.Broker.Queues.PubSub;

/// <summary>Opens the way to the service, or to an emulator of it, for which nobody signs in.</summary>
internal static class PubSubServer
{
    private const string EmulatorVariable = "PUBSUB_EMULATOR_HOST";

    // Of the service.
    private const int MaxMessageBytes = 20 * 1024 * 1024;

    private static readonly Uri Service = new("https://pubsub.googleapis.com");

    public static GrpcChannel Open(PubSubOptions options)
    {
        var address = options.Endpoint ?? (Environment.GetEnvironmentVariable(EmulatorVariable) is { Length: > 0 } emulator ? new($"http://{emulator}") : Service);
        return Open(address, address.Scheme == Uri.UriSchemeHttp ? null : new PubSubSignIn(options.CredentialsFile));
    }

    /// <param name="signIn">Null: none.</param>
    public static GrpcChannel Open(Uri address, PubSubSignIn? signIn)
    {
        var sockets = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,

            // A stream may be silent for long, and has to notice that its server is gone.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        };
        signIn?.InnerHandler = sockets;
        return GrpcChannel.ForAddress(address, new() { HttpHandler = (HttpMessageHandler?)signIn ?? sockets, DisposeHttpClient = true, MaxReceiveMessageSize = MaxMessageBytes });
    }
}

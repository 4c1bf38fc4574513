using ClawEvents.Broker.Configuration;
using NATS.Client.Core;

namespace ClawEvents.Broker.Consumers.JetStream;

/// <summary>Translates an address to what the client library needs.</summary>
internal static class JetStreamServer
{
    // A session begins with a connection and ends with it: the broker's own waits come between, and tell of the outage.
    public static NatsOpts Of(JetStreamOptions options) => NatsOpts.Default with
    {
        Url = options.Url,
        Name = "clawevents-broker",
        AuthOpts = AuthenticationOf(options),
        TlsOpts = TlsOf(options),
        MaxReconnectRetry = 1,
        RetryOnInitialConnect = false,
    };

    // A file of credentials counts before a name, and a name before a token.
    private static NatsAuthOpts AuthenticationOf(JetStreamOptions options) =>
        options.CredentialsFile is { } file ? new() { CredsFile = file }
        : options.User is { } user ? new() { Username = user, Password = options.Password }
        : new() { Token = options.Token };

    private static NatsTlsOpts TlsOf(JetStreamOptions options) => options.Tls is { } tls
        ? new()
        {
            Mode = TlsMode.Require,
            ConfigureClientAuthentication = handshake =>
            {
                tls.Apply(handshake);
                return ValueTask.CompletedTask;
            },
        }
        : NatsTlsOpts.Default;
}

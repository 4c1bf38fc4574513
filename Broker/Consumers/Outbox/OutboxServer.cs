using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http;
using Npgsql;

namespace ClawEvents.Broker.Consumers.Outbox;

/// <summary>Translates an address to what the client library needs.</summary>
internal static class OutboxServer
{
    private const int KeepAliveSeconds = 15;
    private const int ConnectSeconds = 10;
    private const int CommandSeconds = 30;

    /// <summary>Does not connect yet.</summary>
    /// <param name="connections">At the same time.</param>
    public static NpgsqlDataSource Open(PostgresAddress address, ClientTls? tls, int connections)
    {
        // Slim: what the library brings beyond texts, numbers and bytes would be dead weight in the native file.
        var builder = new NpgsqlSlimDataSourceBuilder(TextOf(address, tls, connections).ConnectionString);
        builder.EnableTransportSecurity();
        builder.EnableArrays();
        if (tls is not null)
        {
            builder.UseSslClientAuthenticationOptionsCallback(handshake => tls.Apply(handshake));
        }

        return builder.Build();
    }

    private static NpgsqlConnectionStringBuilder TextOf(PostgresAddress address, ClientTls? tls, int connections)
    {
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.Port,
            Username = address.User,
            Password = address.Password,
            Database = address.Database,
            SearchPath = address.SearchPath,
            ApplicationName = address.ApplicationName ?? "clawevents-broker",
            RootCertificate = address.RootCertificateFile,
            SslCertificate = address.CertificateFile,
            SslKey = address.KeyFile,

            // With the options of tls, the certificate is judged by them.
            SslMode = tls is null ? ModeOf(address.SslMode) : SslMode.Require,
            Timeout = address.ConnectTimeout ?? ConnectSeconds,
            CommandTimeout = CommandSeconds,
            KeepAlive = KeepAliveSeconds,
            MaxPoolSize = connections,

            // A transaction leaves nothing behind, and a pooler between would not carry it out.
            NoResetOnClose = true,
        };
        return text;
    }

    private static SslMode ModeOf(string word) => word switch
    {
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => SslMode.Prefer,
    };
}

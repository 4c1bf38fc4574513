using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Grpc;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker;

/// <summary>Reloads the settings on SIGHUP and applies those that can change while the broker runs. docs/reference/settings.md#reload</summary>
/// <remarks>If any setting has a fault, only the certificate is reloaded. Thread-safe.</remarks>
internal sealed partial class SettingsReload(
    CurrentSettings current,
    ChannelNamespaces namespaces,
    SigningSecret secret,
    ConnectionTokens connections,
    SubscriptionTokens subscriptions,
    PortCertificates certificate,
    GrpcPorts grpc,
    SettingsInUse inUse,
    ILogger<SettingsReload> logger)
{
    private readonly Lock _running = new();

    public void Run(Func<StartupSettings> read)
    {
        lock (_running)
        {
            ReloadCertificate();
            var fresh = read();
            if (fresh.Faults.Count > 0)
            {
                Log.Refused(logger, string.Join(' ', fresh.Faults));
                return;
            }

            namespaces.ReplaceWith(fresh.Options.Namespaces);
            ReloadKeys(fresh.Options);
            inUse.Apply(fresh.Options);
            LogChanges(current.Replace(fresh));
        }
    }

    // Names of no setting belong to others: most are variables of the environment.
    private void LogChanges(IReadOnlyList<string> changes)
    {
        var known = changes.Where(name => SettingCatalog.Find(name) is not null).ToLookup(name => SettingCatalog.Find(name)!.IsReloadable);
        Log.Done(logger, known[true].Any() ? string.Join(", ", known[true]) : "no setting has changed");
        if (known[false].Any())
        {
            Log.NeedsRestart(logger, string.Join(", ", known[false]));
        }
    }

    // A secret that was removed from the settings is read from the data folder, which the start may not have checked.
    private void ReloadKeys(BrokerOptions options)
    {
        try
        {
            secret.ReplaceWith(SigningSecret.Of(options.Identity.JwtSecret, options.State.DataFolder));
            connections.ApplySettings(options.Identity.ClientTokens);
            subscriptions.ApplySettings(options.Identity.SubscriptionTokens);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.KeysRefused(logger, exception.Message);
        }
    }

    private void ReloadCertificate()
    {
        try
        {
            certificate.Reload();
            grpc.ReloadCertificates();
        }
        catch (CertificateException exception)
        {
            Log.CertificateRefused(logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Configuration reloaded: {Names}.")]
        public static partial void Done(ILogger logger, string names);

        [LoggerMessage(2, LogLevel.Error, "Configuration not reloaded, because it has faults: {Faults}")]
        public static partial void Refused(ILogger logger, string faults);

        [LoggerMessage(3, LogLevel.Warning, "These settings have changed and need a restart: {Names}.")]
        public static partial void NeedsRestart(ILogger logger, string names);

        [LoggerMessage(4, LogLevel.Error, "The certificate was not reloaded: {Fault}")]
        public static partial void CertificateRefused(ILogger logger, string fault);

        [LoggerMessage(5, LogLevel.Error, "The token keys were not reloaded: {Fault}")]
        public static partial void KeysRefused(ILogger logger, string fault);
    }
}

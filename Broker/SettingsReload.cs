using System.Security.Cryptography;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker;

/// <summary>What SIGHUP does: reads the settings anew and takes over what can be taken over while the broker runs. docs/reference/settings.md#reload</summary>
/// <remarks>Settings with a fault change nothing. One run at a time.</remarks>
/// <param name="current">What the broker runs with.</param>
/// <param name="namespaces">Of this broker.</param>
/// <param name="secret">Of this broker.</param>
/// <param name="connections">Of this broker.</param>
/// <param name="subscriptions">Of this broker.</param>
/// <param name="certificate">Of this broker.</param>
/// <param name="logger">Told what became of it.</param>
internal sealed partial class SettingsReload(
    CurrentSettings current,
    ChannelNamespaces namespaces,
    SigningSecret secret,
    ConnectionTokens connections,
    SubscriptionTokens subscriptions,
    ServerCertificate certificate,
    ILogger<SettingsReload> logger)
{
    /// <summary>What the names of settings begin with that are taken over.</summary>
    private static readonly string[] TakenOver = ["Namespaces:", "WithoutNamespace:", "Logging:", "JWT_SECRET", "Token", "SubscriptionToken", "SeparateSubscriptionTokens", "SkipTokenSignatures"];

    private readonly Lock _running = new();

    /// <param name="read">Reads them.</param>
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

            namespaces.Become(fresh.Options.Namespaces);
            ReloadKeys(fresh.Options);
            var waiting = current.Replace(fresh.Configuration)
                .Where(name => !TakenOver.Any(start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase)))
                .ToList();
            Log.Done(logger);
            if (waiting.Count > 0)
            {
                Log.NeedsRestart(logger, string.Join(", ", waiting));
            }
        }
    }

    // A secret that the settings no longer give may have to be fetched from the data folder, which the start would have made sure of.
    private void ReloadKeys(BrokerOptions options)
    {
        try
        {
            secret.ReplaceWith(SigningSecret.Of(options.JwtSecret, options.DataFolder));
            connections.ApplySettings(options.ClientTokens);
            subscriptions.ApplySettings(options.SubscriptionTokens ?? options.ClientTokens);
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
        }
        catch (CryptographicException exception)
        {
            Log.CertificateRefused(logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The settings were read anew: channel options, keys of tokens, log levels and the certificate are as they say.")]
        public static partial void Done(ILogger logger);

        [LoggerMessage(2, LogLevel.Error, "The settings were read anew and have faults; those from before stay. {Faults}")]
        public static partial void Refused(ILogger logger, string faults);

        [LoggerMessage(3, LogLevel.Warning, "These settings have changed and need a restart: {Names}.")]
        public static partial void NeedsRestart(ILogger logger, string names);

        [LoggerMessage(4, LogLevel.Error, "The certificate from before stays: {Fault}")]
        public static partial void CertificateRefused(ILogger logger, string fault);

        [LoggerMessage(5, LogLevel.Error, "The keys of tokens from before stay: {Fault}")]
        public static partial void KeysRefused(ILogger logger, string fault);
    }
}

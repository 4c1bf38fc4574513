using ClawEvents.Broker.Administration;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker;

/// <summary>Gives the commands the broker's own settings and health check.</summary>
internal sealed class CommandHost : ICommandHost
{
    public CommandSettings ReadSettings(IReadOnlyList<string> arguments)
    {
        var settings = StartupSettings.Read(arguments);
        var options = settings.Options;
        return new(settings.Faults, settings.Ignored, options.Identity.ClientTokens, options.Identity.SubscriptionTokens ?? options.Identity.ClientTokens, () => SigningSecret.Of(options.Identity.JwtSecret, options.State.DataFolder));
    }

    public Task<int> CheckHealthAsync(IReadOnlyList<string> arguments) => HealthCheck.RunAsync(arguments);
}

using ClawEvents.Broker.Administration;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Doctor;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker;

/// <summary>Gives the commands the broker's own settings and health check.</summary>
internal sealed class CommandHost : ICommandHost
{
    public CommandSettings ReadSettings(IReadOnlyList<string> arguments)
    {
        var settings = StartupSettings.Read(arguments);
        var (identity, folder) = (settings.Options.Identity, settings.Options.State.DataFolder);
        return new(settings.Faults, settings.Ignored, settings.Unknown, EffectiveSettings.Describe(settings.Origins), identity.ClientTokens, identity.SubscriptionTokens, () => SigningSecret.Of(identity.JwtSecret, folder));
    }

    public IEnumerable<string> DescribeSettings() => SettingHelp.Describe();

    public Task<int> CheckHealthAsync(IReadOnlyList<string> arguments) => HealthCheck.RunAsync(arguments);

    public Task<int> ExamineAsync(CommandArguments arguments) =>
        DoctorCommand.RunAsync(arguments, StartupSettings.Read([.. ConfigCommands.FileArgument(arguments), .. arguments.Rest]));
}

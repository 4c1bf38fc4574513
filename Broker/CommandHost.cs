using ClawEvents.Broker.Administration;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Doctor;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker;

/// <summary>Gives the commands the broker's own settings and health check.</summary>
/// <param name="queueTypes">Types of queues that this program reads besides those that every one reads.</param>
internal sealed class CommandHost(IReadOnlyCollection<string> queueTypes) : ICommandHost
{
    public CommandSettings ReadSettings(IReadOnlyList<string> arguments)
    {
        var settings = StartupSettings.Read(arguments, queueTypes);
        var (identity, folder) = (settings.Options.Identity, settings.Options.State.DataFolder);
        return new(settings.Faults, settings.Ignored, settings.Unknown, EffectiveSettings.Describe(settings.Origins), identity.ClientTokens, identity.SubscriptionTokens, () => SigningSecret.Of(identity.JwtSecret, folder));
    }

    public IEnumerable<string> DescribeSettings() => SettingHelp.Describe();

    public Task<int> CheckHealthAsync(IReadOnlyList<string> arguments) => HealthCheck.RunAsync(arguments);

    public Task<int> ExamineAsync(CommandArguments arguments) =>
        DoctorCommand.RunAsync(arguments, StartupSettings.Read([.. ConfigCommands.FileArgument(arguments), .. arguments.Rest], queueTypes));
}

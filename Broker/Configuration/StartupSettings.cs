namespace ClawEvents.Broker.Configuration;

/// <summary>All settings of this program, read and checked.</summary>
/// <param name="Options">With the default instead of a wrong value.</param>
/// <param name="Faults">One line per wrong setting; empty if all are valid.</param>
/// <param name="Ignored">Names of a Centrifugo's settings that have no effect here.</param>
/// <param name="Unknown">One line per setting that nobody has, with the name that was probably meant.</param>
/// <param name="Origins">Where the settings come from; later ones override earlier ones.</param>
internal sealed record StartupSettings(
    BrokerOptions Options, IConfiguration Configuration, IReadOnlyList<string> Faults, IReadOnlyList<string> Ignored, IReadOnlyList<string> Unknown, IReadOnlyList<SettingOrigin> Origins)
{
    private const string ConfigArgument = "config";

    private static readonly Dictionary<string, string> ShortArguments = new() { ["-c"] = ConfigArgument };

    /// <summary>
    /// Reads <c>appsettings.json</c> of the working folder, then the configuration of a Centrifugo (<c>--config FILE</c>, its environment
    /// variables, its flags), then our environment variables, then <c>--NAME=VALUE</c> arguments; later ones override earlier ones.
    /// </summary>
    /// <param name="queueTypes">Types of queues that this program reads besides those that every one reads; null: none.</param>
    public static StartupSettings Read(IReadOnlyList<string> arguments, IReadOnlyCollection<string>? queueTypes = null)
    {
        try
        {
            var settings = Read(new CentrifugoFlags(arguments));
            return settings with { Faults = [.. settings.Faults, .. FaultsOfQueues(settings.Options.Consumers, queueTypes ?? [])] };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return Unreadable($"--config: {exception.Message.TrimEnd('.')}. Example: --config config.json");
        }
        catch (InvalidDataException exception)
        {
            return Unreadable($"appsettings.json: {exception.GetBaseException().Message.TrimEnd('.')}. Example: {{\"PORT\": 8080}}");
        }
    }

    private static StartupSettings Unreadable(string fault) => new(new BrokerOptions(), new ConfigurationBuilder().Build(), [fault], [], [], []);

    // Without its reader nothing would be read from the queue.
    private static IEnumerable<string> FaultsOfQueues(IReadOnlyList<ConsumerOptions> queues, IReadOnlyCollection<string> types) =>
        from queue in queues
        where queue.Program is not null && !types.Contains(queue.Type)
        let section = $"Consumers:{queue.Name}"
        select $"{section}:type: this program does not read {queue.Type}. Run {queue.Program} instead (docs/how-to/publish-from-a-queue.md), or switch the queue off. Example: {section}:enabled=false";

    private static StartupSettings Read(CentrifugoFlags flags)
    {
        var arguments = new ConfigurationBuilder().AddCommandLine([.. flags.Ours], ShortArguments).Build();
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string)variable.Value!, StringComparer.Ordinal);
        var centrifugo = CentrifugoConfiguration.Read(arguments[ConfigArgument], variables, flags);
        var file = new ConfigurationBuilder().SetBasePath(Directory.GetCurrentDirectory()).AddJsonFile("appsettings.json", optional: true, reloadOnChange: false).Build();
        return Check(centrifugo,
        [
            new("appsettings.json", file),
            new("Centrifugo's file, variables or flags", new ConfigurationBuilder().AddInMemoryCollection(centrifugo.Settings).Build()),
            new("environment", new ConfigurationBuilder().AddEnvironmentVariables().Build()),
            new("argument", arguments),
        ]);
    }

    private static StartupSettings Check(CentrifugoConfiguration centrifugo, IReadOnlyList<SettingOrigin> origins)
    {
        var builder = new ConfigurationBuilder();
        foreach (var origin in origins)
        {
            builder.AddConfiguration(origin.Settings);
        }

        var all = builder.Build();
        var asked = new AskedSettings(all);
        var reader = new BrokerOptionsReader(asked);
        var options = reader.Read();
        var review = new CentrifugoReview(centrifugo, asked);
        _ = asked[ConfigArgument];
        var (file, environment, arguments) = (origins[0].Settings, origins[2].Settings, origins[3].Settings);
        string[] unknown = [.. review.Unknown, .. asked.DescribeUnknown(file), .. asked.DescribeUnknown(arguments), .. asked.DescribeMisspelt(environment)];
        return new(options, all, [.. review.Faults, .. reader.Faults], review.Ignored, unknown, origins);
    }
}

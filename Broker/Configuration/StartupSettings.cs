namespace ClawEvents.Broker.Configuration;

/// <summary>All settings of this program, read and checked.</summary>
/// <param name="Options">With the default instead of a wrong value.</param>
/// <param name="Faults">One line per wrong setting; empty if all are valid.</param>
/// <param name="Ignored">Settings of a Centrifugo that have no effect here.</param>
internal sealed record StartupSettings(BrokerOptions Options, IConfiguration Configuration, IReadOnlyList<string> Faults, IReadOnlyList<string> Ignored)
{
    private const string ConfigArgument = "config";

    private static readonly Dictionary<string, string> ShortArguments = new() { ["-c"] = ConfigArgument };

    /// <summary>
    /// Reads <c>appsettings.json</c> of the working folder, then the configuration of a Centrifugo (<c>--config FILE</c>, its environment
    /// variables, its flags), then our environment variables, then <c>--NAME=VALUE</c> arguments; later ones override earlier ones.
    /// </summary>
    public static StartupSettings Read(IReadOnlyList<string> arguments)
    {
        try
        {
            var configuration = Configure(arguments, out var ignored);
            var reader = new BrokerOptionsReader(configuration);
            return new(reader.Read(), configuration, reader.Faults, ignored);
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

    private static StartupSettings Unreadable(string fault) => new(new BrokerOptions(), new ConfigurationBuilder().Build(), [fault], []);

    private static IConfigurationRoot Configure(IReadOnlyList<string> arguments, out IReadOnlyList<string> ignored)
    {
        var flags = new CentrifugoFlags(arguments);
        var ours = flags.Ours.ToArray();
        var file = new ConfigurationBuilder().AddCommandLine(ours, ShortArguments).Build()[ConfigArgument];
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string)variable.Value!, StringComparer.Ordinal);
        var centrifugo = CentrifugoConfiguration.Read(file, variables, flags);
        ignored = centrifugo.Ignored;
        return new ConfigurationBuilder()
            .SetBasePath(Directory.GetCurrentDirectory())
            .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
            .AddInMemoryCollection(centrifugo.Settings)
            .AddEnvironmentVariables()
            .AddCommandLine(ours, ShortArguments)
            .Build();
    }
}

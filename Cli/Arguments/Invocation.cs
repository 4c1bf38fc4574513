using System.CommandLine;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Arguments;

/// <summary>One run of a verb: the parsed command line and the services that a verb may need, created on first use.</summary>
internal sealed class Invocation(
    ParseResult parse, GlobalValues globals, Func<string, string?> environment, IOutput output, VerbTable verbs)
{
    public ParseResult Parse { get; } = parse;

    public GlobalValues Globals { get; } = globals;

    public IOutput Output { get; } = output;

    /// <summary>All commands, for help, completion and the manual page.</summary>
    public VerbTable Verbs { get; } = verbs;

    /// <summary>The user's home folder.</summary>
    public string Home => ConfigPath.Home(environment);

    /// <summary>The config file; if it cannot be used, a warning goes to stderr.</summary>
    public ConfigFile Config => field ??= ReadConfig();

    /// <summary>Built on each call, so that it reflects changes that a verb has just saved.</summary>
    public Settings Settings => SettingsWith(Globals);

    /// <summary>The settings with the config file read again, for long-running verbs: another process may have logged in.</summary>
    public Settings ReloadSettings() => new(Globals, environment, ConfigFile.Read(Config.FullPath).Values);

    /// <summary>The settings that other global options would give.</summary>
    public Settings SettingsWith(GlobalValues otherGlobals) => new(otherGlobals, environment, Config.Values);

    /// <summary>Judges the certificates of servers.</summary>
    public CertificateTrust Trust => field ??= new CertificateTrust(Globals.Authorities);

    /// <summary>A variable's value; null if it is not set.</summary>
    public string? Variable(string name) => environment(name);

    /// <summary>A client for the API of this run's server.</summary>
    public ApiClient OpenApi() => OpenApi(Globals);

    /// <summary>A client with other global options than those of this run.</summary>
    public ApiClient OpenApi(GlobalValues globals) => new(SettingsWith(globals), Trust, new RateLimitMemory(Config, TimeProvider.System), Output);

    /// <summary>Sends one request to the API of this run's server.</summary>
    public async Task<ApiAnswer> AskAsync(ApiRequest request)
    {
        using var api = OpenApi();
        return await api.SendAsync(request);
    }

    private ConfigFile ReadConfig()
    {
        var config = ConfigFile.Read(ConfigPath.Find(Globals.Config, Home));
        if (config.Problem is not null)
        {
            Output.WriteNotice($"Warning: {config.Problem}; it is ignored");
        }
        return config;
    }
}

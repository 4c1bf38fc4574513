using System.CommandLine;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Arguments;

/// <summary>One run of a verb: the parsed command line and the services that a verb may need, created on first use.</summary>
internal sealed class Invocation(
    ParseResult parse, GlobalValues globals, Func<string, string?> environment, IOutput output, VerbTable verbs)
{
    private const string ContextVariable = "CLAW_CONTEXT";

    public ParseResult Parse { get; } = parse;

    public GlobalValues Globals { get; } = globals;

    public IOutput Output { get; } = output;

    /// <summary>All commands, for help, completion and the manual page.</summary>
    public VerbTable Verbs { get; } = verbs;

    /// <summary>The user's home folder.</summary>
    public string Home => ConfigPath.Home(environment);

    /// <summary>The config file, which is the context <c>default</c>; if it cannot be used, a warning goes to stderr.</summary>
    public ConfigFile MainConfig => field ??= ReadConfig(ConfigPath.Find(Globals.Config, Home));

    /// <summary>The config file of the context in use.</summary>
    public ConfigFile Config => field ??= ContextName is ContextFiles.Default || CheckContext() is not null ? MainConfig : ReadConfig(Contexts.PathOf(ContextName));

    public ContextFiles Contexts => field ??= new ContextFiles(MainConfig.FullPath);

    /// <summary>The context in use: of this run, of this shell, or the one that was chosen.</summary>
    public string ContextName =>
        Globals.Context ?? (environment(ContextVariable) is { Length: > 0 } name ? name : null) ?? MainConfig.Values.Context ?? ContextFiles.Default;

    /// <summary>Built on each call, so that it reflects changes that a verb has just saved.</summary>
    public Settings Settings => SettingsWith(Globals);

    /// <summary>The settings with the config file read again, for long-running verbs: another process may have logged in.</summary>
    public Settings ReloadSettings() => new(Globals, EnvironmentOf(Globals), ConfigFile.Read(Config.FullPath).Values);

    /// <summary>The settings that other global options would give.</summary>
    public Settings SettingsWith(GlobalValues otherGlobals) => new(otherGlobals, EnvironmentOf(otherGlobals), Config.Values);

    /// <summary>The error if the context in use is not there: another server must not be used in its place.</summary>
    public Failure? CheckContext() => Contexts.Exists(ContextName) ? null : new Failure(
        $"There is no context named {ContextName}",
        Suggestion.For(ContextName, Contexts.Names()).Before("See all contexts: claw.events context list", "Go back to the config file itself: claw.events context use default"));

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

    // A context that is asked for in this run is used whole: the variables of another server or token do not belong to it.
    private Func<string, string?> EnvironmentOf(GlobalValues globals) =>
        globals.Context is null ? environment : name => Settings.Variables.Contains(name) ? null : environment(name);

    private ConfigFile ReadConfig(string path)
    {
        var config = ConfigFile.Read(path);
        if (config.Problem is not null)
        {
            Output.WriteNotice($"Warning: {config.Problem}; it is ignored");
        }
        return config;
    }
}

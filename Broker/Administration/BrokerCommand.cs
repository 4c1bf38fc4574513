using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Administration;

/// <summary>A command of the program that does something other than run the broker. docs/reference/broker-commands.md</summary>
/// <param name="Usage">Its options, as shown in the help.</param>
/// <param name="Summary">One line of the help.</param>
/// <param name="Options">For <see cref="CommandArguments"/>.</param>
/// <param name="Run">Runs it; the result is the exit code.</param>
internal sealed record BrokerCommand(string Name, string Usage, string Summary, IReadOnlyList<CommandOption> Options, Func<CommandArguments, ICommandHost, Task<int>> Run)
{
    // sysexits' EX_USAGE.
    private const int WrongUsage = 64;

    // A character of no argument.
    private const char NoLetter = '\0';

    private static readonly CommandOption Config = new("config", 'c');
    private static readonly CommandOption User = new("user", 'u');
    private static readonly CommandOption Ttl = new("ttl", 't');
    private static readonly CommandOption Quiet = new("quiet", 'q', IsFlag: true);

    private static readonly BrokerCommand[] All =
    [
        new("healthcheck", "[--NAME=VALUE ...]", "check the local broker's health", [CommandOption.Rest], (arguments, host) => host.CheckHealthAsync(arguments.Rest)),
        new(
            "doctor",
            "[--url URL] [--token TOKEN] [--wait SECONDS] [--pid PID] [--json] [-c FILE] [--NAME=VALUE ...]",
            "examine the machine, the settings and what is around the broker",
            [new("url", NoLetter), new("token", NoLetter), new("wait", NoLetter), new("pid", NoLetter), new("json", NoLetter, IsFlag: true), Config, CommandOption.Rest],
            (arguments, host) => host.ExamineAsync(arguments)),
        new("gentoken", "[-u USER] [-t SECONDS] [-q] [-c FILE]", "create a connection token", [User, Ttl, Quiet, Config], (arguments, host) => Now(TokenCommands.Generate(arguments, host, channel: null))),
        new("gensubtoken", "-s CHANNEL [-u USER] [-t SECONDS] [-q] [-c FILE]", "create a subscription token", [new("channel", 's'), User, Ttl, Quiet, Config], (arguments, host) => Now(TokenCommands.GenerateForChannel(arguments, host))),
        new("checktoken", "TOKEN [-c FILE]", "check a connection token", [Config, CommandOption.Rest], (arguments, host) => TokenCommands.CheckAsync(arguments, host, isForChannel: false)),
        new("checksubtoken", "TOKEN [-c FILE]", "check a subscription token", [Config, CommandOption.Rest], (arguments, host) => TokenCommands.CheckAsync(arguments, host, isForChannel: true)),
        new("genconfig", "[-c FILE]", "create a configuration file with new keys", [Config], (arguments, _) => Now(ConfigCommands.Generate(arguments))),
        new("checkconfig", "[-c FILE] [-s] [-e]", "check the settings; -e shows those in effect", [Config, new("strict", 's', IsFlag: true), new("effective", 'e', IsFlag: true), CommandOption.Rest], (arguments, host) => Now(ConfigCommands.Check(arguments, host))),
        new("version", "", "show the version", [], (_, _) => Now(PrintVersion())),
        new("help", "", "show this help", [], (_, host) => Now(PrintHelp(host))),
    ];

    /// <returns>Null to run the broker; for an unknown word a command that reports it.</returns>
    public static BrokerCommand? Find(string[] arguments) => arguments switch
    {
        ["--version", ..] => Named("version"),
        ["--help" or "-h", ..] => Named("help"),
        [var word, ..] when !word.StartsWith('-') && !word.Contains('=') => Named(word) ?? new(word, "", "", [CommandOption.Rest], (_, _) => Now(Unknown(word))),
        _ => null,
    };

    /// <param name="arguments">The program's arguments, with the name of the command first.</param>
    /// <returns>The exit code.</returns>
    public Task<int> RunAsync(string[] arguments, ICommandHost host)
    {
        var parsed = CommandArguments.Parse(arguments.AsSpan(1), Options, out var fault);
        if (parsed is not null)
        {
            return Run(parsed, host);
        }

        ErrorOutput.Write([$"{fault}. Usage: clawevents-broker {Name} {Usage}"]);
        return Now(WrongUsage);
    }

    private static BrokerCommand? Named(string word) => Array.Find(All, command => command.Name == word);

    private static Task<int> Now(int exitCode) => Task.FromResult(exitCode);

    private static int Unknown(string word)
    {
        ErrorOutput.Write([$"unknown command '{word}'. Usage: clawevents-broker [{string.Join('|', All.Select(command => command.Name))}] [--NAME=VALUE ...]"]);
        return WrongUsage;
    }

    private static int PrintVersion()
    {
        Console.WriteLine($"clawevents-broker {BrokerVersion.Number}");
        return 0;
    }

    private static int PrintHelp(ICommandHost host)
    {
        Console.WriteLine("clawevents-broker [--config FILE] [--NAME=VALUE ...]   run the broker");
        foreach (var command in All)
        {
            Console.WriteLine($"clawevents-broker {command.Name} {command.Usage}".TrimEnd() + $"   {command.Summary}");
        }

        Console.WriteLine();
        foreach (var line in host.DescribeSettings())
        {
            Console.WriteLine(line);
        }

        return 0;
    }
}

using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Commands;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>Help, the manual page and shell completion, all generated from the commands.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ShellTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    private static IEnumerable<string> Commands => new VerbTable(Verbs.All()).All().SelectMany(WithInner).Select(verb => verb.FullName);

    [TestCaseSource(nameof(Commands))]
    public async Task Every_command_has_help_with_an_example(string command)
    {
        var people = await CliRun.RunAsync(_home, [.. command.Split(' '), "--help"]);
        var verb = await CliRun.RunAsync(_home, ["help", .. command.Split(' ')]);
        var programs = await CliRun.RunAsync(_home, [.. command.Split(' '), "-h", "-j"]);

        var json = JsonDocument.Parse(programs.Output).RootElement;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(people.Output, Does.StartWith($"\nℹ Help: {command}\n").And.Contain($"Usage:\n  claw.events {command}").And.Contain("\nExamples:\n  "));
            Assert.That(verb, Is.EqualTo(people));
            Assert.That(json.GetProperty("status").GetString(), Is.EqualTo("help"));
            Assert.That(json.GetProperty("command").GetString(), Is.EqualTo(command));
            Assert.That(json.GetProperty("examples").GetArrayLength(), Is.Positive);
        }
    }

    [TestCaseSource(nameof(Commands))]
    public void Every_option_has_a_description_and_a_name_for_its_value(string command)
    {
        var options = new VerbTable(Verbs.All()).Find(command.Split(' '))!.Options;

        Assert.That(options.Where(option => string.IsNullOrEmpty(option.Description)), Is.Empty);
        Assert.That(options.Where(option => option.TakesValue() && option.HelpName is null), Is.Empty);
    }

    [TestCaseSource(nameof(Commands))]
    public void The_usage_names_every_option(string command)
    {
        var verb = new VerbTable(Verbs.All()).Find(command.Split(' '))!;

        Assert.That(verb.Usage, Does.StartWith($"claw.events {command}"));
        Assert.That(verb.Options.Where(option => !verb.Usage.Contains(option.Name, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task The_usage_of_a_subcommand_is_what_follows_its_name()
    {
        var result = await CliRun.RunAsync(_home, "advertise", "--json");

        var search = JsonDocument.Parse(result.Output).RootElement.GetProperty("data").GetProperty("subcommands").EnumerateArray().Single(entry => entry.GetProperty("name").ValueEquals("search"));
        Assert.That(search.GetProperty("usage").GetString(), Is.EqualTo("<query> [--limit <n>]"));
    }

    [TestCase("frobnicate", "https://claw.events/docs")]
    [TestCase("whoami", "https://claw.events/docs https://claw.events/docs/commands/whoami")]
    [TestCase("grant", "https://claw.events/docs https://claw.events/docs/commands/grant")]
    [TestCase("-s http://localhost:1 config", "http://localhost:1/docs http://localhost:1/docs/commands/config")]
    public async Task Results_for_programs_name_the_documentation(string line, string pages)
    {
        var result = await CliRun.RunAsync(_home, [.. line.Split(' '), "--json"]);

        var named = JsonDocument.Parse(result.Output + result.Error).RootElement.GetProperty("documentation").EnumerateArray();
        Assert.That(named.Select(page => page.GetString()), Is.EqualTo(pages.Split(' ')));
    }

    [Test]
    public void Every_command_is_found_by_the_name_in_the_table()
    {
        var entries = Verbs.All().SelectMany(group => group.Verbs);

        Assert.That(entries.Where(entry => entry.Make() is var verb && verb.Name != entry.Name), Is.Empty);
        Assert.That(entries.Where(entry => entry.Alias is { } alias && !entry.Make().Aliases.Contains(alias)), Is.Empty);
    }

    [TestCase("publish", "pub")]
    [TestCase("subscribe", "sub")]
    public async Task A_command_has_its_whole_name_too(string alias, string command)
    {
        var result = await CliRun.RunAsync(_home, alias, "--help");

        Assert.That(result, Is.EqualTo(await CliRun.RunAsync(_home, command, "--help")));
    }

    [TestCase("advertise", "set delete list search show")]
    [TestCase("app", "create list show rotate delete")]
    [TestCase("apps", "create list show rotate delete")]
    [TestCase("completion", "bash zsh fish")]
    public async Task A_group_of_commands_lists_its_subcommands(string command, string subcommands)
    {
        var result = await CliRun.RunAsync(_home, command, "--json");

        var json = JsonDocument.Parse(result.Output).RootElement;
        Assert.That(json.GetProperty("message").GetString(), Is.EqualTo($"Available {command.Replace("apps", "app", StringComparison.Ordinal)} subcommands"));
        var listed = json.GetProperty("data").GetProperty("subcommands").EnumerateArray();
        Assert.That(listed.Select(entry => entry.GetProperty("name").GetString()), Is.EqualTo(subcommands.Split(' ')));
        Assert.That(listed.Where(entry => entry.GetProperty("description").GetString() is not { Length: > 0 } || entry.GetProperty("usage").ValueKind is not JsonValueKind.String), Is.Empty);
    }

    [TestCase("version")]
    [TestCase("--version")]
    [TestCase("version -v")]
    public async Task The_version_has_three_spellings(string line)
    {
        var result = await CliRun.RunAsync(_home, line.Split(' '));

        Assert.That(result.Output, Is.EqualTo($"claw.events version {ProgramVersion.Text} (compatible with 1.0.2)\n"));
    }

    [Test]
    public async Task The_prompt_for_agents_is_text_in_the_data()
    {
        var result = await CliRun.RunAsync(_home, "instruction-prompt", "--json");

        var prompt = JsonDocument.Parse(result.Output).RootElement.GetProperty("data").GetProperty("prompt").GetString();
        Assert.That(prompt, Does.Contain("claw.events pub").And.Contain("claw.events sub"));
    }

    [Test, CancelAfter(30_000)]
    public async Task The_manual_page_lists_every_command_without_errors()
    {
        var page = (await CliRun.RunAsync(_home, "man")).Output;
        Assert.That(Commands.Where(command => !page.Contains($".SS {command.Replace("-", "\\-", StringComparison.Ordinal)}\n", StringComparison.Ordinal)), Is.Empty);

        var file = Path.Combine(_home.Folder, "claw.events.1");
        await File.WriteAllTextAsync(file, page);
        await using var man = StartIfThere("man", "--warnings", "-l", file);
        var shown = await man.ReadToEndAsync();
        Assert.That(shown, Does.Contain("SYNOPSIS").And.Contain("--key-name <name>, -k").And.Contain("claw.events advertise set -c"));
        Assert.That(await man.ReadErrorsAsync(), Is.Empty);
    }

    [TestCase("claw.events ''", "login verify dev-register", "lock")]
    [TestCase("claw.events adv", "advertise", "advertise")]
    [TestCase("claw.events -s http://x advertise ''", "set delete list search show", "set")]
    [TestCase("claw.events apps r", "rotate", "rotate")]
    [TestCase("claw.events advertise set --", "--channel --desc --schema --config", "--schema")]
    [TestCase("claw.events advertise rm --js", "--json", "--json")]
    [TestCase("claw.events --user app logo", "logout", "logout")]
    [TestCase("claw.events --token ''", "", "")]
    [TestCase("claw.events login --key-path /etc/passw", "/etc/passwd", "/etc/passwd")]
    [TestCase("claw.events sub -- base6", "base64", "base64")]
    [CancelAfter(30_000)]
    public async Task Bash_completes_commands_options_and_files(string line, string begin, string contained)
    {
        var script = (await CliRun.RunAsync(_home, "completion", "bash")).Output;
        await using var bash = RunningProcess.Start(
            "bash",
            ["--norc", "-uc", $"{script}\nCOMP_WORDS=({line}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _claw_events; echo \"${{COMPREPLY[@]:-}}\""],
            _home.Folder);

        var completions = await bash.ReadToEndAsync();

        Assert.That(completions, Does.StartWith(begin).And.Contain(contained), await bash.ReadErrorsAsync());
        Assert.That(begin.Length > 0 || completions == "\n", Is.True, completions);
    }

    [Test, CancelAfter(30_000)]
    public async Task Zsh_loads_its_script()
    {
        var file = Path.Combine(_home.Folder, "_claw_events");
        await File.WriteAllTextAsync(file, (await CliRun.RunAsync(_home, "completion", "zsh")).Output);
        await using var zsh = StartIfThere("zsh", "-f", "-c", $"autoload -Uz compinit; compinit -D -u; source {file}; print ${{_comps[claw.events]}}");

        Assert.That(await zsh.ReadToEndAsync(), Is.EqualTo("_claw_events\n"), await zsh.ReadErrorsAsync());
    }

    [TestCase("claw.events adv", "advertise\t")]
    [TestCase("claw.events -s x apps r", "rotate\t")]
    [TestCase("claw.events advertise set --sch", "--schema\t")]
    [TestCase("claw.events login --key-path /etc/passw", "/etc/passwd")]
    [CancelAfter(30_000)]
    public async Task Fish_completes_commands_options_and_files(string line, string completion)
    {
        var file = Path.Combine(_home.Folder, "claw.events.fish");
        await File.WriteAllTextAsync(file, (await CliRun.RunAsync(_home, "completion", "fish")).Output);
        await using var fish = StartIfThere("fish", "--no-config", "-c", $"source {file}; complete -C '{line}'");

        Assert.That(await fish.ReadToEndAsync(), Does.StartWith(completion), await fish.ReadErrorsAsync());
    }

    private static IEnumerable<Verb> WithInner(Verb verb) => verb.Subcommands.OfType<Verb>().SelectMany(WithInner).Prepend(verb);

    // The program is not on every machine, and too large to install for this test.
    private RunningProcess StartIfThere(string program, params string[] arguments)
    {
        try
        {
            return RunningProcess.Start(program, arguments, _home.Folder, ("HOME", _home.Folder));
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore($"{program} is not installed here.");
            throw;
        }
    }
}

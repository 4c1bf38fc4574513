using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Commands;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The client as scripts use it: one of bash, with every command, against a broker.</summary>
internal sealed class CliScriptTests
{
    private static readonly string Script = Path.Combine(RunningProcess.SolutionFolder, "Broker.Tests", "EndToEnd", "cli.sh");

    [Test]
    public async Task A_script_uses_every_command()
    {
        using var home = new CliHome();
        await using var broker = await CliBroker.StartAsync(change: options => options with { Namespaces = TestNamespaces.Of(("public", TestNamespaces.History with { Presence = true })) });
        var token = Path.Combine(home.Folder, "token");
        await File.WriteAllTextAsync(token, TestToken.Of("""{"sub":"carol"}""", CliBroker.Secret));

        await using var bash = RunningProcess.Start(
            "bash",
            [Script],
            home.Folder,
            ("HOME", home.Folder),
            ("CLAW", CliProgram.InShell),
            ("CLAW_API_URL", broker.Url),
            ("CLAW_TOKEN_FILE", token),
            ("CENTRIFUGO_API_KEY", RunningBroker.Key));
        var exitCode = await bash.WaitForExitAsync(TimeSpan.FromMinutes(4));

        Assert.That(exitCode, Is.Zero, $"{await bash.ReadToEndAsync()}\n{await bash.ReadErrorsAsync()}");
        Assert.That(await bash.ReadErrorsAsync(), Is.Empty);
    }

    [Test]
    public async Task The_script_omits_no_command()
    {
        var text = await File.ReadAllTextAsync(Script);

        var verbs = new VerbTable(Verbs.All()).All().SelectMany(verb => verb.Subcommands.OfType<Verb>().DefaultIfEmpty(verb));
        Assert.That(verbs.Select(verb => verb.FullName).Where(name => !text.Contains($" {name}", StringComparison.Ordinal)), Is.Empty);
    }
}

using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>Pages that are tried out by people who may have a login already.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TutorialsTests : IDisposable
{
    private const string Run = "dotnet run -c Release --project Cli --";

    private static readonly string[] Writing = [" login", " logout", " dev-register", " verify", " config ", " context "];

    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    private static IEnumerable<string> Pages =>
        Directory.EnumerateFiles(Path.Combine(RunningProcess.SolutionFolder, "docs", "tutorials"), "*.md")
            .Append(Path.Combine(RunningProcess.SolutionFolder, "README.md"))
            .Select(file => Path.GetRelativePath(RunningProcess.SolutionFolder, file));

    [TestCaseSource(nameof(Pages))]
    public void What_a_tutorial_stores_goes_into_a_config_file_of_its_own(string page)
    {
        var lines = LinesOf(page).Where(line => line.StartsWith("    ", StringComparison.Ordinal) && !line.Contains("/auth/", StringComparison.Ordinal));

        var storing = lines.Where(line => Writing.Any(word => line.Contains(word, StringComparison.Ordinal)) && (line.Contains(Run, StringComparison.Ordinal) || line.Contains("claw", StringComparison.Ordinal))).ToList();

        Assert.That(storing.Where(line => !line.StartsWith("    claw ", StringComparison.Ordinal)), Is.Empty);
        Assert.That(storing, Is.Empty.Or.Matches<List<string>>(_ => LinesOf(page).Any(line => line.StartsWith("    claw() { ", StringComparison.Ordinal) && line.Contains(" --config ", StringComparison.Ordinal))));
    }

    [TestCase("README.md")]
    [TestCase("docs/tutorials/first-channel.md")]
    [CancelAfter(60_000)]
    [Platform("Linux")]
    public async Task The_readers_own_login_stays_as_it_is(string page, CancellationToken cancellation)
    {
        const string Own = """{"username":"me","token":"mine","serverUrl":"https://claw.events"}""";
        await using var broker = await CliBroker.StartAsync();
        _home.WriteConfig(Own);
        var script = string.Join('\n', LinesOf(page).Where(line => line.StartsWith("    claw", StringComparison.Ordinal)))
            .Replace(Run, CliProgram.InShell, StringComparison.Ordinal)
            .Replace("http://localhost:8080", broker.Url, StringComparison.Ordinal)
            .Replace("/tmp/claw-tutorial", Path.Combine(_home.Folder, "tutorial"), StringComparison.Ordinal);

        await using var shell = RunningProcess.Start("bash", ["-ec", script], _home.Folder, ("HOME", _home.Folder));
        var shown = await shell.ReadToEndAsync();

        Assert.That(shown, Does.Contain("✓ Message published successfully"));
        Assert.That(await File.ReadAllTextAsync(_home.ConfigFile, cancellation), Is.EqualTo(Own));
        Assert.That(File.Exists(Path.Combine(_home.Folder, "tutorial", "config.json")), Is.True);
    }

    private static string[] LinesOf(string page) => File.ReadAllLines(Path.Combine(RunningProcess.SolutionFolder, page));
}

using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Fuzz;

/// <summary>A short run of every target, and every input that was ever kept. docs/contributing/fuzzing.md</summary>
public sealed class FuzzTests
{
    private const int Seconds = 5;

    public static IEnumerable<string> Names => FuzzTargets.All.Select(target => target.Name);

    [TestCaseSource(nameof(Names))]
    public void Every_input_of_the_corpus_is_handled(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);
        var files = Directory.GetFiles(Path.Combine(FuzzTarget.Corpora, name));

        Assert.That(files, Is.Not.Empty);
        foreach (var file in files)
        {
            Assert.That(() => target.Run(File.ReadAllBytes(file)), Throws.Nothing, file);
        }
    }

    [Test]
    public async Task A_short_run_of_every_target_finds_nothing_in_an_instrumented_broker()
    {
        await using var program = RunningProcess.Start(
            "dotnet", [typeof(FuzzTests).Assembly.Location, "all", $"{Seconds}"], RunningProcess.SolutionFolder);

        var lines = (await program.ReadToEndAsync(TimeSpan.FromMinutes(3))).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.That(await program.WaitForExitAsync(), Is.Zero, string.Join('\n', lines));
        Assert.That(lines.Select(line => line.Split(':')[0]), Is.EquivalentTo(Names));
        Assert.That(lines.Where(line => line.Contains(" 0 edges", StringComparison.Ordinal)), Is.Empty, "The broker has to be instrumented.");
    }
}

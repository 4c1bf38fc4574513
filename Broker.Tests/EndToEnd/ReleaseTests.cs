using System.Runtime.Versioning;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The files that <c>.ci/release</c> makes of published programs, and how docs/how-to/verify-a-release.md checks them.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Platform("Linux")]
[UnsupportedOSPlatform("windows")]
internal sealed class ReleaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ReleaseTests()
    {
        File.WriteAllText(PathOf("broker"), "a stand-in for the broker");
        File.WriteAllText(PathOf("cli"), "a stand-in for the client");
        Directory.CreateDirectory(PathOf("queues"));
        File.WriteAllText(PathOf("queues/clawevents-broker-queues"), "a stand-in for the broker with more queues");
        File.WriteAllText(PathOf("queues/library.so"), "a stand-in for a library");
        Directory.CreateDirectory(PathOf("bills"));
        File.WriteAllText(PathOf("bills/Broker.cdx.json"), "{}");
        File.WriteAllText(PathOf("bills/Broker.Queues.cdx.json"), "{}");
        File.WriteAllText(PathOf("bills/Cli.cdx.json"), "{}");
    }

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task A_release_has_sums_of_all_its_files_and_the_same_programs_give_the_same_ones()
    {
        var (exitCode, output) = await ReleaseAsync("one");
        await ReleaseAsync("two");

        var sums = await File.ReadAllTextAsync(PathOf("one/SHA256SUMS"));
        Assert.That(exitCode, Is.Zero, output);
        Assert.That(sums.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[66..]), Is.EquivalentTo(
            Directory.GetFiles(PathOf("one")).Select(Path.GetFileName).Where(name => name != "SHA256SUMS")));
        Assert.That(sums, Does.Contain(".deb\n").And.Contain("Broker.cdx.json\n").And.Contain("Broker.Queues.cdx.json\n").And.Contain("Cli.cdx.json\n"));
        Assert.That(await File.ReadAllTextAsync(PathOf("two/SHA256SUMS")), Is.EqualTo(sums));
        Assert.That(Directory.GetFiles(PathOf("one")).Select(File.GetUnixFileMode), Is.All.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead));
    }

    [Test]
    public async Task A_file_that_was_changed_is_found_by_its_sum()
    {
        await ReleaseAsync("release");
        var before = await RunAsync("sha256sum", ["--check", "--ignore-missing", "SHA256SUMS"], PathOf("release"));
        await File.AppendAllTextAsync(Directory.GetFiles(PathOf("release"), "claw.events-*").Single(), "x");
        var after = await RunAsync("sha256sum", ["--check", "--ignore-missing", "SHA256SUMS"], PathOf("release"));

        Assert.That((before.ExitCode, after.ExitCode), Is.EqualTo((0, 1)));
        Assert.That(after.Output, Does.Match("claw\\.events-.*tar\\.gz: FAILED"));
    }

    [TestCase("clawevents-broker", new[] { "drwxr-xr-x 0/0 ", "-rw-r--r-- 0/0 LICENSE", "-rwxr-xr-x 0/0 clawevents-broker" })]
    [TestCase("clawevents-broker-queues", new[] { "drwxr-xr-x 0/0 ", "-rw-r--r-- 0/0 LICENSE", "-rwxr-xr-x 0/0 clawevents-broker-queues", "-rw-r--r-- 0/0 library.so" })]
    public async Task An_archive_has_a_program_and_the_licence_and_both_are_roots(string program, string[] expected)
    {
        await ReleaseAsync("release");
        var (_, output) = await RunAsync("tar", ["--list", "--verbose", "--numeric-owner", "--file", Directory.GetFiles(PathOf("release"), $"{program}-0*.tar.gz").Single()], _folder.Path);

        var entries = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.That(entries.Select(entry => $"{entry[0]} {entry[1]} {entry[^1].Split('/')[^1]}"), Is.EqualTo(expected));
    }

    [Test]
    public async Task Files_of_another_release_are_not_mixed_in()
    {
        Directory.CreateDirectory(PathOf("used"));
        await File.WriteAllTextAsync(PathOf("used/old.deb"), "");

        var (exitCode, _) = await ReleaseAsync("used");

        Assert.That((exitCode, File.Exists(PathOf("used/SHA256SUMS"))), Is.EqualTo((1, false)));
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);

    private Task<(int ExitCode, string Output)> ReleaseAsync(string folder) =>
        RunAsync("bash", [DeploymentFiles.PathOf(".ci/release"), PathOf(folder), PathOf("broker"), PathOf("cli"), PathOf("queues")], _folder.Path);

    private async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, string folder)
    {
        await using var process = RunningProcess.Start(program, arguments, folder, ("BILLS", PathOf("bills")), ("SOURCE_DATE_EPOCH", "1767225600"));
        var output = await process.ReadToEndAsync();
        return (await process.WaitForExitAsync(), output + await process.ReadErrorsAsync());
    }
}

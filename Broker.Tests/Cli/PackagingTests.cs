using System.IO.Compression;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The output of <c>dotnet publish Cli</c> and <c>dotnet pack Cli</c>.</summary>
[NonParallelizable] // Builds of one project would write the same files simultaneously.
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PackagingTests : IDisposable
{
    private const long MaxFileBytes = 40_000_000;
    private const long MaxNativeFileBytes = 14_500_000;

    private static readonly TimeSpan BuildTime = TimeSpan.FromMinutes(10);

    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test]
    [Category("Slow")]
    public async Task The_published_file_is_one_small_one_that_needs_no_runtime()
    {
        await BuildAsync("publish", "Cli", "-c", "Release", "-o", Folder("published"));
        var file = new FileInfo(Directory.EnumerateFileSystemEntries(Folder("published")).Single());

        Assert.That(file.Name, Is.EqualTo(OperatingSystem.IsWindows() ? "claw.events.exe" : "claw.events"));
        Assert.That(file.Length, Is.LessThan(OperatingSystem.IsLinux() ? MaxNativeFileBytes : MaxFileBytes), "run.sh installs what native code takes.");
        // A runtime would not be found there.
        await RunAsync(file.FullName, ("DOTNET_ROOT", _home.Folder));
    }

    [TestCase("linux-x64", "claw.events", Category = "Slow")]
    [TestCase("linux-arm64", "claw.events", Category = "Slow")]
    [TestCase("osx-arm64", "claw.events", Category = "Slow")]
    [TestCase("win-x64", "claw.events.exe", Category = "Slow")]
    public async Task Every_profile_makes_one_small_file(string profile, string name)
    {
        await BuildAsync("publish", "Cli", $"-p:PublishProfile={profile}", "-o", Folder(profile));

        var file = new FileInfo(Directory.EnumerateFileSystemEntries(Folder(profile)).Single());
        Assert.That(file.Name, Is.EqualTo(name));
        Assert.That(file.Length, Is.InRange(10_000_000, MaxFileBytes));
    }

    [Test]
    [Category("Slow")]
    public async Task The_tool_is_for_every_machine_and_installs()
    {
        await BuildAsync("pack", "Cli", "-c", "Release", "-o", Folder("package"));
        var package = Directory.EnumerateFiles(Folder("package")).Single();
        await BuildAsync("tool", "install", "ClawEvents.Cli", "--tool-path", Folder("tool"), "--add-source", Folder("package"));

        await using var archive = await ZipFile.OpenReadAsync(package);
        Assert.That(archive.Entries.Select(entry => entry.FullName), Does.Contain("tools/net10.0/any/claw.events.dll"));
        Assert.That(new FileInfo(package).Length, Is.LessThan(2_000_000), "The runtime does not belong in it.");
        await RunAsync(Path.Combine(Folder("tool"), "claw.events"));
    }

    private async Task RunAsync(string program, params (string Name, string Value)[] settings)
    {
        await using var broker = await CliBroker.StartAsync();

        Assert.That(await OutputAsync("--version"), Does.Match(@"^claw\.events version \d+\.\d+\.\d+ \(compatible with 1\.0\.2\)\n$"));
        Assert.That(await OutputAsync("dev-register --user alice"), Does.Contain("✓ Development registration completed"));
        Assert.That(await OutputAsync("pub public.x hello"), Does.Contain("✓ Message published successfully"));

        async Task<string> OutputAsync(string line)
        {
            await using var process = RunningProcess.Start(
                program, ["-s", broker.Url, .. line.Split(' ')], _home.Folder, [("HOME", _home.Folder), .. settings]);
            var output = await process.ReadToEndAsync();
            Assert.That(await process.WaitForExitAsync(), Is.Zero, await process.ReadErrorsAsync());
            return output;
        }
    }

    private static async Task BuildAsync(params string[] arguments)
    {
        await using var dotnet = RunningProcess.Start("dotnet", arguments, RunningProcess.SolutionFolder);
        var output = await dotnet.ReadToEndAsync(BuildTime);
        Assert.That(await dotnet.WaitForExitAsync(BuildTime), Is.Zero, output);
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_home.Folder, name)).FullName;
}

using System.Runtime.Versioning;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The package of docs/operations/debian/build-deb.sh, installed into a folder instead of the machine.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
[UnsupportedOSPlatform("windows")]
internal sealed class DebianPackageTests : IDisposable
{
    private const string Program = "usr/bin/clawevents-broker";
    private const string Settings = "etc/clawevents/broker.env";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Public | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly TemporaryFolder _folder = new();

    private string Root => Path.Combine(_folder.Path, "root");

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task The_same_broker_gives_the_same_package()
    {
        var first = await BuildAsync(StandIn("first"), "one");
        var second = await BuildAsync(StandIn("second"), "two");

        Assert.That(await File.ReadAllBytesAsync(second), Is.EqualTo(await File.ReadAllBytesAsync(first)));
    }

    [Test]
    public async Task Everything_in_the_package_is_for_root_and_only_the_settings_are_private()
    {
        var deb = await BuildAsync(StandIn("broker"), "packages");

        // -rw------- root/root 837 2026-11-29 12:00 ./etc/clawevents/broker.env
        var entries = (await RunAsync("dpkg-deb", "--contents", deb)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();

        Assert.That(entries.Select(entry => entry[1]), Is.All.EqualTo("root/root"));
        Assert.That(
            entries.Where(entry => entry[0][0] == '-').Select(entry => $"{entry[0]} {entry[^1]}"),
            Is.EquivalentTo(new[]
            {
                "-rw------- ./etc/clawevents/broker.env",
                "-rwxr-xr-x ./usr/bin/clawevents-broker",
                "-rw-r--r-- ./usr/lib/systemd/system/clawevents-broker.service",
                "-rw-r--r-- ./usr/share/doc/clawevents-broker/copyright",
            }));
        Assert.That(entries.Where(entry => entry[0][0] == 'd').Select(entry => entry[0]), Is.All.EqualTo("drwxr-xr-x"));
    }

    [Test]
    public async Task A_removed_package_leaves_its_settings_and_a_purged_one_nothing()
    {
        await InstallAsync(await BuildAsync(StandIn("broker"), "packages"));
        Assert.That(File.GetUnixFileMode(Path.Combine(Root, Program)), Is.EqualTo(Executable));
        Assert.That(File.GetUnixFileMode(Path.Combine(Root, Settings)), Is.EqualTo(Private));

        await DpkgAsync("--remove", "clawevents-broker");
        Assert.That(Path.Exists(Path.Combine(Root, Program)), Is.False);
        Assert.That(File.GetUnixFileMode(Path.Combine(Root, Settings)), Is.EqualTo(Private));

        await DpkgAsync("--purge", "clawevents-broker");
        Assert.That(Path.Exists(Path.Combine(Root, "etc/clawevents")), Is.False);
    }

    [Test]
    public async Task An_update_keeps_changed_settings()
    {
        await InstallAsync(await BuildAsync(StandIn("broker"), "packages"));
        await File.WriteAllTextAsync(Path.Combine(Root, Settings), "PORT=9090\n");

        await DpkgAsync("--install", await BuildAsync(StandIn("next"), "packages", ("VERSION", "99.0.0")));

        Assert.That(await File.ReadAllTextAsync(Path.Combine(Root, Settings)), Is.EqualTo("PORT=9090\n"));
        Assert.That(File.GetUnixFileMode(Path.Combine(Root, Settings)), Is.EqualTo(Private));
    }

    [Test]
    [Category("Native")]
    public async Task The_installed_broker_is_healthy_and_stops()
    {
        await InstallAsync(await BuildAsync((await NativeBroker.FileAsync()).FullName, "packages"));

        await using var broker = RunningProcess.Start(Path.Combine(Root, Program), [], _folder.Path, BrokerProgram.WithDefaults(_folder.Path, []));
        using var http = new HttpClient { BaseAddress = await broker.ReadUrlAsync(), Timeout = RunningBroker.Patience };
        Assert.That(await http.GetStringAsync(new Uri("/health", UriKind.Relative)), Is.EqualTo(RunningAnswer.Healthy));

        await broker.TerminateAsync();
        Assert.That(await broker.WaitForExitAsync(), Is.Zero);
    }

    // In place of the native file, which takes minutes to publish.
    private string StandIn(string name)
    {
        var file = Path.Combine(_folder.Path, name);
        File.WriteAllText(file, "#!/bin/sh\n");
        return file;
    }

    private async Task<string> BuildAsync(string broker, string folder, params (string Name, string Value)[] settings)
    {
        Assume.That(File.Exists("/usr/bin/dpkg-deb"), "dpkg-deb is not installed here.");
        var output = await RunAsync(
            "bash", [DeploymentFiles.PathOf("docs/operations/debian/build-deb.sh"), broker, Path.Combine(_folder.Path, folder)], [("SOURCE_DATE_EPOCH", "1700000000"), .. settings]);
        return output.TrimEnd('\n');
    }

    private async Task InstallAsync(string deb)
    {
        Assume.That(Environment.IsPrivilegedProcess, "Only root may give files to root.");
        foreach (var name in new[] { "info", "updates", "triggers" })
        {
            Directory.CreateDirectory(Path.Combine(Root, "var/lib/dpkg", name));
        }

        await File.WriteAllTextAsync(Path.Combine(Root, "var/lib/dpkg/status"), "");
        await DpkgAsync("--install", deb);
    }

    // The folder has no shell: the scripts run outside of it, and are told by DPKG_ROOT that the machine is not meant.
    private Task<string> DpkgAsync(params string[] arguments) =>
        RunAsync("dpkg", [$"--root={Root}", $"--log={Root}/dpkg.log", "--force-script-chrootless", "--force-depends", .. arguments], []);

    private static Task<string> RunAsync(string program, params string[] arguments) => RunAsync(program, arguments, []);

    private static async Task<string> RunAsync(string program, string[] arguments, (string Name, string Value)[] settings)
    {
        await using var process = RunningProcess.Start(program, arguments, RunningProcess.SolutionFolder, settings);
        var output = await process.ReadToEndAsync();
        Assert.That(await process.WaitForExitAsync(), Is.Zero, await process.ReadErrorsAsync());
        return output;
    }
}

using System.Runtime.Versioning;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Cli.Config;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[UnsupportedOSPlatform("windows")]
internal sealed class ConfigFileTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Test]
    public void A_missing_file_is_empty_and_not_a_problem()
    {
        var config = ConfigFile.Read(_home.ConfigFile);

        Assert.That((config.Values, config.Problem), Is.EqualTo((new ConfigValues(), (string?)null)));
    }

    [Test]
    public void An_update_creates_a_folder_and_a_file_for_the_user_alone()
    {
        var failure = ConfigFile.Read(_home.ConfigFile).Update(values => values with { Username = "alice", Token = "t" });

        Assert.That(failure, Is.Null);
        Assert.That(File.ReadAllText(_home.ConfigFile), Is.EqualTo("{\n  \"username\": \"alice\",\n  \"token\": \"t\"\n}\n"));
        Assert.That(File.GetUnixFileMode(_home.ConfigFile), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void An_update_narrows_the_mode_of_a_file_others_could_read()
    {
        _home.WriteConfig("{}");
        File.SetUnixFileMode(_home.ConfigFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        ConfigFile.Read(_home.ConfigFile).Update(values => values with { Token = "t" });

        Assert.That(File.GetUnixFileMode(_home.ConfigFile), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void An_update_keeps_unknown_members_and_concurrent_changes()
    {
        _home.WriteConfig("""{"username":"alice","theme":{"dark":true}}""");
        var config = ConfigFile.Read(_home.ConfigFile);
        _home.WriteConfig("""{"username":"bob","theme":{"dark":true}}""");

        config.Update(values => values with { ServerUrl = "http://s" });

        Assert.That(
            File.ReadAllText(_home.ConfigFile).ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal),
            Is.EqualTo("""{"username":"bob","serverUrl":"http://s","theme":{"dark":true}}"""));
    }

    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("")]
    public void A_malformed_file_reads_as_empty_and_is_not_overwritten(string content)
    {
        _home.WriteConfig(content);
        var config = ConfigFile.Read(_home.ConfigFile);

        var failure = config.Update(values => values with { Token = "t" });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.Values, Is.EqualTo(new ConfigValues()));
            Assert.That(config.Problem, Does.Contain(_home.ConfigFile));
            Assert.That(failure?.Error, Does.Contain(_home.ConfigFile));
            Assert.That(File.ReadAllText(_home.ConfigFile), Is.EqualTo(content));
        }
    }

    [Test]
    public void A_member_of_the_wrong_type_counts_as_not_set()
    {
        _home.WriteConfig("""{"username":5,"token":"t","rateLimitedUntil":"x"}""");

        Assert.That(ConfigFile.Read(_home.ConfigFile).Values, Is.EqualTo(new ConfigValues(Token: "t")));
    }

    [Test]
    public void A_folder_that_cannot_be_created_is_an_error_with_its_name()
    {
        File.WriteAllText(Path.Combine(_home.Folder, ".config"), "a file where a folder is needed");

        var failure = ConfigFile.Read(_home.ConfigFile).Update(values => values with { Token = "t" });

        Assert.That(failure?.Error, Does.StartWith($"Cannot write the config file {_home.ConfigFile}"));
    }

    [Test]
    public void A_linked_file_stays_a_link()
    {
        var real = Path.Combine(_home.Folder, "dotfiles.json");
        File.WriteAllText(real, "{}");
        Directory.CreateDirectory(Path.GetDirectoryName(_home.ConfigFile)!);
        File.CreateSymbolicLink(_home.ConfigFile, real);

        ConfigFile.Read(_home.ConfigFile).Update(values => values with { Username = "alice" });

        Assert.That(File.ReadAllText(real), Does.Contain("alice"));
        Assert.That(new FileInfo(_home.ConfigFile).LinkTarget, Is.EqualTo(real));
    }

    [Test, CancelAfter(20_000)]
    public async Task A_reader_never_sees_half_a_file(CancellationToken cancellation)
    {
        var long1 = new string('a', 20_000);
        var long2 = new string('b', 30_000);
        var config = ConfigFile.Read(_home.ConfigFile);
        config.Update(values => values with { Token = long1 });
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        var reading = Task.Run(
            () =>
            {
                var halves = 0;
                while (!done.IsCancellationRequested)
                {
                    halves += ConfigFile.Read(_home.ConfigFile).Values.Token?.Length is 20_000 or 30_000 ? 0 : 1;
                }
                return halves;
            },
            cancellation);
        for (var i = 0; i < 50; i++)
        {
            config.Update(values => values with { Token = i % 2 == 0 ? long2 : long1 });
        }
        await done.CancelAsync();

        Assert.That(await reading, Is.Zero);
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(_home.ConfigFile)!), Has.Length.EqualTo(1), "temporary files left");
    }
}

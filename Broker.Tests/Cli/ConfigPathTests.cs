using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Cli.Config;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ConfigPathTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [TestCase("/a/b.json", "/a/b.json")]
    [TestCase("/a/b", "/a/b/config.json")]
    [TestCase("/a/b/", "/a/b/config.json")]
    public void A_given_path_is_a_json_file_or_its_folder(string given, string path)
    {
        Assert.That(ConfigPath.Find(given, "/home/x"), Is.EqualTo(path));
    }

    [Test]
    public void The_current_path_is_used_without_any_file()
    {
        Assert.That(ConfigPath.Find(null, _home.Folder), Is.EqualTo(_home.ConfigFile));
    }

    [TestCase(".config/claw/config.json")]
    [TestCase(".claw/config.json")]
    public void An_earlier_path_is_used_while_the_current_one_is_absent(string earlier)
    {
        var file = Path.Combine(_home.Folder, earlier);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "{}");

        Assert.That(ConfigPath.Find(null, _home.Folder), Is.EqualTo(file));

        _home.WriteConfig("{}");
        Assert.That(ConfigPath.Find(null, _home.Folder), Is.EqualTo(_home.ConfigFile));
    }
}

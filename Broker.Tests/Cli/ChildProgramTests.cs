using System.Runtime.Versioning;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Cli.Streams.Children;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform(Exclude = "Win")]
[UnsupportedOSPlatform("windows")]
internal sealed class ChildProgramTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void A_name_is_looked_up_in_path_only()
    {
        var inPath = Program("bin/tool", UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.That(ChildProgram.Find("tool", $"/nowhere:{Path.GetDirectoryName(inPath)}"), Is.EqualTo(inPath));
        // This file is beside the running program, where the runtime would look first.
        Assert.That(File.Exists(Path.Combine(AppContext.BaseDirectory, "claw.events.dll")), Is.True);
        Assert.That(ChildProgram.Find("claw.events.dll", "/nowhere"), Is.Null);
    }

    [Test]
    public void A_file_that_cannot_be_run_is_ignored()
    {
        var text = Program("a/tool", UnixFileMode.UserRead);
        var tool = Program("b/tool", UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.That(ChildProgram.Find("tool", $"{Path.GetDirectoryName(text)}:{Path.GetDirectoryName(tool)}"), Is.EqualTo(tool));
    }

    [Test]
    public void A_relative_path_is_resolved_in_the_current_folder()
    {
        Assert.That(ChildProgram.Find("./tool", "/bin"), Is.EqualTo(Path.Combine(Environment.CurrentDirectory, "tool")));
        Assert.That(ChildProgram.Find("/x/tool", null), Is.EqualTo("/x/tool"));
    }

    [TestCase("tool", null)]
    [TestCase("tool", "")]
    [TestCase("", "/bin")]
    public void A_program_that_does_not_exist_is_not_found(string name, string? path)
    {
        Assert.That(ChildProgram.Find(name, path), Is.Null);
    }

    private string Program(string name, UnixFileMode mode)
    {
        var file = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "");
        File.SetUnixFileMode(file, mode);
        return file;
    }
}

using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The log in a file, and the file with the id of the process.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ProcessFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string LogFile => Path.Combine(_folder.Path, "broker.log");

    private string PidFile => Path.Combine(_folder.Path, "broker.pid");

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task The_log_is_appended_to_the_file_and_goes_on_in_a_new_one_after_a_hang_up()
    {
        await File.WriteAllTextAsync(LogFile, "before\n");
        await using var broker = BrokerProgram.Start(_folder.Path, [], ("LogFile", LogFile));
        await HasAsync("http://127.0.0.1:");
        Assert.That(await File.ReadAllTextAsync(LogFile), Does.StartWith("before\n"));

        File.Move(LogFile, $"{LogFile}.1");
        await broker.SignalAsync("HUP");

        await HasAsync("Configuration reloaded");
    }

    [Test]
    public async Task The_id_of_the_process_is_in_its_file_while_it_runs()
    {
        await using var broker = BrokerProgram.Start(_folder.Path, [], ("PidFile", PidFile));
        await broker.ReadUrlAsync();
        var id = await File.ReadAllTextAsync(PidFile);

        await broker.SignalAsync("TERM");
        await broker.WaitForExitAsync();

        Assert.That(int.TryParse(id.Trim(), out _), Is.True);
        Assert.That(File.Exists(PidFile), Is.False);
    }

    [TestCase("LogFile")]
    [TestCase("PidFile")]
    public async Task A_file_that_cannot_be_written_stops_the_start(string setting)
    {
        await using var broker = BrokerProgram.Start(_folder.Path, [], (setting, "/no/such/folder/file"));

        Assert.That(await broker.ReadErrorsAsync(), Does.Contain($"{setting}: '/no/such/folder/file' cannot be written: "));
        Assert.That(await broker.WaitForExitAsync(), Is.EqualTo(78));
    }

    private Task<TimeSpan> HasAsync(string text) =>
        Eventually.IsTrueAsync(async () => File.Exists(LogFile) && (await File.ReadAllTextAsync(LogFile)).Contains(text, StringComparison.Ordinal), $"'{text}' is not in the log");
}

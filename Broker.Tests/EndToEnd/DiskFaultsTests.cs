using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Brokers whose data folder is on a disk that is full, or read-only.</summary>
internal sealed class DiskFaultsTests
{
    [Test]
    public async Task A_full_disk_is_one_line_in_the_log_and_a_503_for_each_change_until_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync();
        await using var broker = await RunningBroker.StartAsync(options => options with { State = new() { DataFolder = disk.Path } });
        var alice = await broker.RegisterAsync("alice");

        disk.Fill();
        var statuses = new List<int>();
        for (var i = 0; i < 40; i++)
        {
            statuses.Add((await broker.PostAsync("/api/lock", $$"""{"channel":"agent.alice.t{{i}}"}""", alice)).Status);

            // There is nothing to unlock, so nothing is written: that is no sign of a better disk.
            await broker.PostAsync("/api/unlock", """{"channel":"agent.alice.none"}""", alice);
        }

        var health = await broker.SendAsync(HttpMethod.Get, "/health", null);
        var (errors, warnings) = (broker.Errors.ToArray(), broker.Warnings.Where(line => line.Contains("state.db", StringComparison.Ordinal)).ToArray());
        disk.MakeRoom();
        var after = await broker.PostAsync("/api/lock", """{"channel":"agent.alice.x"}""", alice);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(statuses.SkipWhile(status => status == 200), Is.Not.Empty.And.All.EqualTo(503));
            Assert.That(errors, Is.Empty);
            Assert.That(warnings, Has.Length.EqualTo(1));
            Assert.That(warnings, Has.All.Contain("the disk is full").And.All.Not.Contain("\n"));
            Assert.That(health.Status, Is.EqualTo(503));
            Assert.That(after.Status, Is.EqualTo(200));
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_read_only_file_system_stops_the_start_and_is_named(bool isUsed)
    {
        await using var disk = await SmallDisk.MountAsync();
        if (isUsed)
        {
            await using var before = await RunningBroker.StartAsync(options => options with { State = new() { DataFolder = disk.Path } });
        }

        await disk.MakeReadOnlyAsync();
        await using var broker = BrokerProgram.Start(Path.GetTempPath(), [], ("CLAW_DATA_DIR", disk.Path));

        Assert.That(await broker.WaitForExitAsync(), Is.EqualTo(78));
        Assert.That(await broker.ReadErrorsAsync(), Is.EqualTo(
            $"clawevents-broker: CLAW_DATA_DIR: the folder '{disk.Path}' cannot be used: the file system is read-only. Example: CLAW_DATA_DIR=/var/lib/clawevents\n"));
    }
}

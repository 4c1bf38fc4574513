using System.Runtime.Versioning;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Doctor;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Doctor;

/// <summary>Checks of machines, clocks and servers that a test cannot have: the files of another machine, another clock, the words of another Redis.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ExaminationTests
{
    private static readonly BrokerOptions Options = new() { State = new() { DataFolder = "/data" } };

    [TestCase(-3600, Verdict.Fault)]
    [TestCase(2, Verdict.Warning)]
    [TestCase(0, Verdict.Ok)]
    public async Task A_clock_that_differs_from_that_of_Redis_is_found(int seconds, Verdict verdict)
    {
        var options = Options with { State = new() { DataFolder = "/data", Redis = [SharedRedis.Server.Address()] } };

        var findings = await ExamineAsync(options, new Machine(), new ShiftedTime(TimeSpan.FromSeconds(seconds)));

        Assert.That(VerdictOf(findings, "clock"), Is.EqualTo(verdict));
    }

    [Test]
    public async Task The_clock_is_compared_with_those_of_back_ends()
    {
        await using var broker = await RunningBroker.StartAsync();
        var options = Options with { Identity = new() { ClientTokens = new() { KeysAddress = Broker.Identity.KeySets.KeySetAddress.Parse($"{broker.Url}realms/{{{{realm}}}}/keys") } } };

        var right = await ExamineAsync(options, new Machine(), TimeProvider.System);
        var wrong = await ExamineAsync(options, new Machine(), new ShiftedTime(TimeSpan.FromMinutes(1)));

        Assert.That((VerdictOf(right, "back-ends"), VerdictOf(right, "clock"), VerdictOf(wrong, "clock")), Is.EqualTo((Verdict.Ok, Verdict.Ok, Verdict.Fault)));
    }

    [Test]
    public async Task A_Redis_that_is_away_or_asks_for_a_password_is_found()
    {
        await using var redis = await RunningRedis.StartAsync("--requirepass", "secret");
        var away = await ExamineAsync(Options with { State = new() { Redis = [TestRedis.Address($"redis://127.0.0.1:{RunningRedis.FreePort()}")] } }, new Machine());
        var closed = await ExamineAsync(Options with { State = new() { Redis = [redis.Address()] } }, new Machine());

        Assert.That((VerdictOf(away, "redis"), VerdictOf(closed, "redis")), Is.EqualTo((Verdict.Fault, Verdict.Fault)));
        Assert.That(closed.Single(finding => finding.Check == "redis").Text, Does.Contain("password").And.Not.Contain("secret"));
    }

    [TestCase("proc/sys/net/core/somaxconn", "128", "listen-backlog", Verdict.Warning)]
    [TestCase("proc/sys/net/core/somaxconn", "4096", "listen-backlog", Verdict.Ok)]
    [TestCase("proc/self/limits", "Max open files            500                  500                  files", "open-files", Verdict.Warning)]
    [TestCase("proc/self/limits", "Max open files            unlimited            unlimited            files", "open-files", Verdict.Ok)]
    [TestCase("proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 0:21 / /data rw - nfs4 nas:/x rw", "file-system", Verdict.Fault)]
    [TestCase("proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 0:21 / /dat rw - nfs4 nas:/x rw", "file-system", Verdict.Ok)]
    [TestCase("proc/self/mountinfo", "22 1 8:1 / / rw - overlay overlay rw", "file-system", Verdict.Warning)]
    [TestCase("proc/self/mountinfo", "22 1 8:1 / / rw - ext4 x rw\n23 22 0:21 / /data rw shared:1 - tmpfs tmpfs rw", "file-system", Verdict.Warning)]
    [TestCase("proc/meminfo", "MemTotal:       16000000 kB", "memory", Verdict.Ok)]
    [TestCase("proc/meminfo", "MemTotal:       500000 kB", "memory", Verdict.Warning)]
    [TestCase("none", "", "memory", Verdict.Skipped)]
    public void A_machine_is_judged_by_its_files(string path, string text, string check, Verdict verdict)
    {
        using var root = new TemporaryFolder();
        Write(root, path, text);

        Assert.That(VerdictOf(MachineFindings(root, Options), check), Is.EqualTo(verdict));
    }

    [TestCase("0::/system.slice/claw", "sys/fs/cgroup/system.slice/memory.max")]
    [TestCase("4:cpu,memory:/claw", "sys/fs/cgroup/memory/claw/memory.limit_in_bytes")]
    public void Connections_that_do_not_fit_into_the_memory_of_a_control_group_are_a_fault(string group, string file)
    {
        using var root = new TemporaryFolder();
        Write(root, "proc/meminfo", "MemTotal:       16000000 kB");
        Write(root, "proc/self/cgroup", group);
        Write(root, file, $"{128 * 1024 * 1024}");
        var options = Options with { Connections = new() { MaxConnections = 100_000 } };

        Assert.That(VerdictOf(MachineFindings(root, options), "memory"), Is.EqualTo(Verdict.Fault));
    }

    [TestCase(10L * 1024 * 1024, Verdict.Fault)]
    [TestCase(500L * 1024 * 1024, Verdict.Warning)]
    [TestCase(50L * 1024 * 1024 * 1024, Verdict.Ok)]
    public void Little_space_for_the_data_folder_is_found(long free, Verdict verdict) =>
        Assert.That(VerdictOf(new DataFolderChecks(new Machine(), Options, _ => free).Run(), "disk-space"), Is.EqualTo(verdict));

    [Test]
    public void A_secret_that_other_users_may_read_is_a_fault()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "jwt-secret"), "x");
        File.SetUnixFileMode(Path.Combine(folder.Path, "jwt-secret"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var finding = new DataFolderChecks(new Machine(), Options with { State = new() { DataFolder = folder.Path } }).Run().Single(finding => finding.Check == "data-folder");

        Assert.That((finding.Verdict, finding.Text), Is.EqualTo((Verdict.Fault, $"other users may have access to jwt-secret in {folder.Path}")));
    }

    [TestCase("redis_version:5.0.14", "redis-version", Verdict.Fault)]
    [TestCase("redis_version:6.2.7", "redis-version", Verdict.Warning)]
    [TestCase("aof_enabled:1\r\naof_last_write_status:err", "redis-persistence", Verdict.Fault)]
    [TestCase("aof_enabled:0\r\nrdb_last_save_time:1764000000", "redis-persistence", Verdict.Warning)]
    [TestCase("maxmemory:1000\r\nused_memory:950\r\nmaxmemory_policy:noeviction", "redis-memory", Verdict.Warning)]
    [TestCase("maxmemory:1000\r\nused_memory:1100\r\nmaxmemory_policy:noeviction", "redis-memory", Verdict.Fault)]
    [TestCase("maxmemory:0\r\nused_memory:950\r\nmaxmemory_policy:noeviction", "redis-memory", Verdict.Warning)]
    [TestCase("connected_slaves:1\r\nslave0:ip=1.2.3.4,state=wait_bgsave", "redis-replicas", Verdict.Warning)]
    [TestCase("connected_slaves:0", "redis-replicas", Verdict.Warning)]
    [TestCase("connected_slaves:1\r\nslave0:ip=1.2.3.4,state=online", "redis-replicas", Verdict.Ok)]
    public void A_Redis_is_judged_by_what_it_says(string info, string check, Verdict verdict) =>
        Assert.That(VerdictOf(new RedisServerChecks(RedisInfo.Parse(info), saves: null, sync: null, "r:1", holdsState: true, RedisKind.Sentinel).Run(), check), Is.EqualTo(verdict));

    private static Task<IReadOnlyList<Finding>> ExamineAsync(BrokerOptions options, Machine machine, TimeProvider? time = null) =>
        new Examination(new StartupSettings(options, new ConfigurationBuilder().Build(), [], [], [], []), machine) { Time = time ?? TimeProvider.System }.RunAsync();

    private static IEnumerable<Finding> MachineFindings(TemporaryFolder root, BrokerOptions options)
    {
        var machine = new Machine(root.Path);
        return [.. new LimitChecks(machine, options).Run(), .. new DataFolderChecks(machine, options).Run()];
    }

    private static Verdict VerdictOf(IEnumerable<Finding> findings, string check) => findings.Single(finding => finding.Check == check).Verdict;

    private static void Write(TemporaryFolder root, string path, string text)
    {
        var file = Path.Combine(root.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private sealed class ShiftedTime(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;
    }
}

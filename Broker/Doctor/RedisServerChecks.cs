using System.Globalization;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Doctor;

/// <summary>Judges what one Redis server says about itself: version, persistence, memory, replicas.</summary>
/// <param name="saves">Its setting <c>save</c>; null if it does not tell.</param>
/// <param name="sync">Its setting <c>appendfsync</c>; null if it does not tell.</param>
internal sealed class RedisServerChecks(RedisInfo info, string? saves, string? sync, string endpoint, bool holdsState, RedisKind kind)
{
    private const int OldestMajor = 6;
    private const int TestedMajor = 7;
    private const long MiB = 1024 * 1024;
    private const double NearlyFull = 0.9;

    private bool AppendsOnly => info.Text("aof_enabled") == "1";

    public IEnumerable<Finding> Run() => [Version(), Persistence(), Memory(), Replicas()];

    private Finding Version()
    {
        const string check = "redis-version";
        var version = info.Text("redis_version");
        var major = int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        return major < OldestMajor ? Finding.Fault(check, $"{endpoint} has version {version}", "use Redis 6 or newer, better 7")
            : major < TestedMajor ? Finding.Warning(check, $"{endpoint} has version {version}, older than what is tested", "use Redis 7")
            : Finding.Ok(check, $"{endpoint} has version {version}");
    }

    private Finding Persistence()
    {
        const string check = "redis-persistence";
        const string advice = "set appendonly yes, and appendfsync always to lose nothing that was answered (docs/how-to/use-redis.md)";
        if (info.Text("rdb_last_bgsave_status") == "err" || info.Text("aof_last_write_status") == "err")
        {
            return Finding.Fault(check, $"{endpoint} could not write its file the last time, and may refuse changes", "look into its log: usually the disk is full");
        }

        if (AppendsOnly)
        {
            return sync == "no" ? Finding.Warning(check, $"{endpoint} leaves it to the system when changes are on disk (appendfsync no)", advice) : Finding.Ok(check, $"{endpoint} writes each change to its file{(sync is null ? "" : $" (appendfsync {sync})")}");
        }

        var lost = holdsState ? "locks, grants and keys" : "histories";
        return saves is { Length: > 0 } || (saves is null && info.Number("rdb_last_save_time") > 0)
                ? Finding.Warning(check, $"{endpoint} writes a copy from time to time (save {saves}): a crash loses the {lost} since then", advice)
            : holdsState ? Finding.Fault(check, $"{endpoint} keeps nothing on disk: its restart loses all {lost}", advice)
            : Finding.Warning(check, $"{endpoint} keeps nothing on disk: its restart loses all {lost}", advice);
    }

    private Finding Memory()
    {
        const string check = "redis-memory";
        const string eviction = "set maxmemory-policy noeviction, so that a full Redis refuses changes instead of removing locks";
        var (most, used, policy) = (info.Number("maxmemory"), info.Number("used_memory") - info.Number("mem_not_counted_for_evict"), info.Text("maxmemory_policy"));
        var share = most > 0 ? (double)used / most : 0;
        var text = $"{endpoint} uses {used / MiB} of {(most > 0 ? $"{most / MiB} MiB" : "any number of MiB")}, {policy}";
        return most > 0 && policy is not ("noeviction" or "") ? Finding.Fault(check, $"{text}: it removes keys when it is full, and locks, grants or history could vanish", eviction)
            : share >= 1 ? Finding.Fault(check, $"{text}: it is full and refuses changes", "raise its maxmemory, or keep shorter histories")
            : share > NearlyFull ? Finding.Warning(check, $"{text}: nearly full", "raise its maxmemory, or keep shorter histories")
            : most == 0 ? Finding.Warning(check, $"{text}: it may take all memory of its machine, whose kernel then ends it", "set maxmemory below what the machine has, and maxmemory-policy noeviction")
            : Finding.Ok(check, text);
    }

    private Finding Replicas()
    {
        const string check = "redis-replicas";
        var count = info.Number("connected_slaves");
        var behind = Enumerable.Range(0, (int)count).Select(index => info.Text(string.Create(CultureInfo.InvariantCulture, $"slave{index}"))).Count(slave => !slave.Contains("state=online", StringComparison.Ordinal));
        return behind > 0 ? Finding.Warning(check, $"{behind} of {count} replicas of {endpoint} are not online", "wait until they have caught up, or look into their logs")
            : count == 0 && kind is not RedisKind.Server ? Finding.Warning(check, $"{endpoint} has no replica: nobody can take over from it", "add one")
            : Finding.Ok(check, count == 0 ? $"{endpoint} has none: while it is away, changes are refused" : $"{endpoint} has {count}");
    }
}

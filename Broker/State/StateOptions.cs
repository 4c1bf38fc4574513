using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.State;

/// <summary>Where the state is kept. docs/reference/settings.md</summary>
internal sealed record StateOptions
{
    /// <summary><c>CLAW_DATA_DIR</c>.</summary>
    public string DataFolder { get; init; } = DefaultDataFolder();

    /// <summary><c>REDIS_URL</c>; if empty, the state is in the data folder and the node is alone. The first holds the state, and channels are distributed over all.</summary>
    public IReadOnlyList<RedisAddress> Redis { get; init; } = [];

    private static string DefaultDataFolder()
    {
        // XDG Base Directory Specification: the variable, or its default below the home folder.
        var home = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        return Path.Combine(
            string.IsNullOrEmpty(home) ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) : home,
            "clawevents");
    }
}

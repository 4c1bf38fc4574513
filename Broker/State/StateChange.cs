using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.State;

/// <summary>One change on its way to the disk: how it is written there, what it then does in memory, and the task its caller awaits.</summary>
/// <remarks>Continuations run elsewhere: the writer must not do its callers' work.</remarks>
internal sealed class StateChange : TaskCompletionSource
{
    private readonly Action<StateTables> _apply;

    private StateChange(string sql, string key, string? value, Action<StateTables> apply)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Sql = sql;
        Key = key;
        Value = value;
        _apply = apply;
    }

    /// <summary>One of a few statements, with the parameters <c>$key</c> and, if there is a value, <c>$value</c>.</summary>
    public string Sql { get; }

    public string Key { get; }

    public string? Value { get; }

    public static StateChange Lock(ChannelName channel) => new(
        "INSERT INTO locks (channel) VALUES ($key) ON CONFLICT DO NOTHING",
        channel.Value,
        null,
        tables => tables.Lock(channel));

    public static StateChange Unlock(ChannelName channel) => new(
        "DELETE FROM locks WHERE channel = $key",
        channel.Value,
        null,
        tables => tables.Unlock(channel));

    public static StateChange Grant(ChannelName channel, string target) => new(
        "INSERT INTO grants (channel, target) VALUES ($key, $value) ON CONFLICT DO NOTHING",
        channel.Value,
        target,
        tables => tables.Grant(channel, target));

    public static StateChange RevokeGrant(ChannelName channel, string target) => new(
        "DELETE FROM grants WHERE channel = $key AND target = $value",
        channel.Value,
        target,
        tables => tables.RevokeGrant(channel, target));

    public static StateChange SetKeyHash(string principal, string keyHash) => new(
        "INSERT INTO live_keys (principal, hash) VALUES ($key, $value) ON CONFLICT (principal) DO UPDATE SET hash = excluded.hash",
        principal,
        keyHash,
        tables => tables.SetKeyHash(principal, keyHash));

    public static StateChange RemoveKeyHash(string principal) => new(
        "DELETE FROM live_keys WHERE principal = $key",
        principal,
        null,
        tables => tables.RemoveKeyHash(principal));

    /// <summary>Makes the change in memory.</summary>
    public void Apply(StateTables tables) => _apply(tables);
}

using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>One change on its way to the disk: its SQL, its effect in memory, and the task that its caller awaits.</summary>
/// <remarks>
/// The result says whether it changed anything: rows on disk, and then the tables in memory, which hold the same. Continuations run
/// elsewhere: the writer must not do its callers' work.
/// </remarks>
internal sealed partial class StateChange : TaskCompletionSource<bool>
{
    private const string OrReplaceKey = "ON CONFLICT (principal) DO UPDATE SET hash = excluded.hash, checksum = excluded.checksum";

    // The checksums of rows with these values.
    private static readonly string OfLock = RowChecksum.Of("locks", "$channel");
    private static readonly string OfGrant = RowChecksum.Of("grants", "$channel", "$target");
    private static readonly string OfKey = RowChecksum.Of("live_keys", "$principal", "$hash");
    private static readonly string OfRevocation = RowChecksum.Of("revoked_tokens", "$principal", "$until");
    private static readonly string OfLaterRevocation = RowChecksum.Of("revoked_tokens", "$principal", "max(issued_until, excluded.issued_until)");
    private static readonly string OfAdvertisement = RowChecksum.Of("advertisements", "$channel", "$description", "$schema", "$updated");
    private static readonly string OfApp = RowChecksum.Of("apps", "$name", "$owner", "$created");
    private static readonly string OfSender = RowChecksum.Of("senders", "$principal");
    private static readonly string OfCount = RowChecksum.Of("message_count", "total + $messages");

    private readonly Action<StateTables> _apply;

    private StateChange(string sql, Action<StateTables> apply, params IReadOnlyList<(string Name, object? Value)> parameters)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Sql = sql;
        Parameters = parameters;
        _apply = apply;
    }

    /// <summary>One of a few statements, each always with the same parameters in the same order.</summary>
    public string Sql { get; }

    public IReadOnlyList<(string Name, object? Value)> Parameters { get; }

    public static StateChange Lock(ChannelName channel) => new(
        $"INSERT INTO locks (channel, checksum) VALUES ($channel, {OfLock}) ON CONFLICT DO NOTHING",
        tables => tables.Lock(channel),
        ("$channel", channel.Value));

    public static StateChange Unlock(ChannelName channel) => new(
        "DELETE FROM locks WHERE channel = $channel",
        tables => tables.Unlock(channel),
        ("$channel", channel.Value));

    public static StateChange Grant(ChannelName channel, string target) => new(
        $"INSERT INTO grants (channel, target, checksum) VALUES ($channel, $target, {OfGrant}) ON CONFLICT DO NOTHING",
        tables => tables.Grant(channel, target),
        ("$channel", channel.Value),
        ("$target", target));

    public static StateChange RevokeGrant(ChannelName channel, string target) => new(
        "DELETE FROM grants WHERE channel = $channel AND target = $target",
        tables => tables.RevokeGrant(channel, target),
        ("$channel", channel.Value),
        ("$target", target));

    public static StateChange SetKeyHash(string principal, string keyHash) => new(
        $"INSERT INTO live_keys (principal, hash, checksum) VALUES ($principal, $hash, {OfKey}) {OrReplaceKey}",
        tables => tables.SetKeyHash(principal, keyHash),
        ("$principal", principal),
        ("$hash", keyHash));

    public static StateChange RevokeTokens(string principal, long issuedUntil) => new(
        $"""
        DELETE FROM live_keys WHERE principal = $principal;
        INSERT INTO revoked_tokens (principal, issued_until, checksum) SELECT $principal, $until, {OfRevocation} WHERE $until > 0
        ON CONFLICT (principal) DO UPDATE SET issued_until = max(issued_until, excluded.issued_until), checksum = {OfLaterRevocation}
        """,
        tables => tables.RevokeTokens(principal, issuedUntil),
        ("$principal", principal),
        ("$until", issuedUntil));

    public static StateChange SetAdvertisement(Advertisement advertisement) => new(
        $"""
        INSERT INTO advertisements (channel, description, json_schema, updated_at, checksum) VALUES ($channel, $description, $schema, $updated, {OfAdvertisement})
        ON CONFLICT (channel) DO UPDATE SET
        description = excluded.description, json_schema = excluded.json_schema, updated_at = excluded.updated_at, checksum = excluded.checksum
        """,
        tables => tables.Advertisements.Set(advertisement),
        ("$channel", advertisement.Channel.Value),
        ("$description", advertisement.Description),
        ("$schema", advertisement.Schema),
        ("$updated", advertisement.UpdatedAt));

    public static StateChange RemoveAdvertisement(ChannelName channel) => new(
        "DELETE FROM advertisements WHERE channel = $channel",
        tables => tables.Advertisements.Remove(channel),
        ("$channel", channel.Value));

    // changes() counts the rows of the statement before it: the key goes with the app or not at all.
    public static StateChange CreateApp(AppRecord app, string keyHash) => new(
        $"""
        INSERT INTO apps (name, owner, created_at, checksum) VALUES ($name, $owner, $created, {OfApp}) ON CONFLICT DO NOTHING;
        INSERT INTO live_keys (principal, hash, checksum) SELECT $principal, $hash, {OfKey} WHERE changes() = 1 {OrReplaceKey}
        """,
        tables => tables.TryCreateApp(app, keyHash),
        ("$name", app.Name),
        ("$owner", app.Owner),
        ("$created", app.CreatedAt),
        ("$principal", Principal.AppPrefix + app.Name),
        ("$hash", keyHash));

    public static StateChange SetAppKey(string name, string owner, string keyHash) => new(
        $"INSERT INTO live_keys (principal, hash, checksum) SELECT $principal, $hash, {OfKey} FROM apps WHERE name = $name AND owner = $owner {OrReplaceKey}",
        tables => tables.TrySetAppKey(name, owner, keyHash),
        ("$name", name),
        ("$owner", owner),
        ("$principal", Principal.AppPrefix + name),
        ("$hash", keyHash));

    public static StateChange DeleteApp(string name, string owner) => new(
        """
        DELETE FROM apps WHERE name = $name AND owner = $owner;
        DELETE FROM live_keys WHERE principal = $principal AND changes() = 1
        """,
        tables => tables.TryDeleteApp(name, owner),
        ("$name", name),
        ("$owner", owner),
        ("$principal", Principal.AppPrefix + name));

    public static StateChange AddSender(string sender) => new(
        $"INSERT INTO senders (principal, checksum) VALUES ($principal, {OfSender}) ON CONFLICT DO NOTHING",
        tables => tables.Activity.AddSender(sender),
        ("$principal", sender));

    public static StateChange AddMessages(long messages) => new(
        $"UPDATE message_count SET total = total + $messages, checksum = {OfCount}",
        tables => tables.Activity.AddTotal(messages),
        ("$messages", messages));

    /// <summary>Makes the change in memory.</summary>
    public void Apply(StateTables tables) => _apply(tables);
}

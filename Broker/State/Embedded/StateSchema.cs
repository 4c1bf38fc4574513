using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>The tables of the state file, version by version. <c>PRAGMA user_version</c> holds the version of a file; 0 is a new file.</summary>
internal static class StateSchema
{
    /// <summary>The migration at index n leads from version n to n + 1. Released migrations never change; new ones are appended. One that changes rows sets their checksums to NULL.</summary>
    public static readonly IReadOnlyList<string> Migrations =
    [
        """
        CREATE TABLE locks (channel TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
        CREATE TABLE grants (channel TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (channel, target)) STRICT, WITHOUT ROWID;
        CREATE TABLE live_keys (principal TEXT NOT NULL PRIMARY KEY, hash TEXT NOT NULL) STRICT, WITHOUT ROWID;
        """,
        """
        CREATE TABLE advertisements (channel TEXT NOT NULL PRIMARY KEY, description TEXT, json_schema TEXT, updated_at INTEGER NOT NULL) STRICT;
        CREATE TABLE apps (name TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE senders (principal TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
        CREATE TABLE message_count (total INTEGER NOT NULL) STRICT;
        INSERT INTO message_count (total) VALUES (0);
        """,
        "CREATE TABLE revoked_tokens (principal TEXT NOT NULL PRIMARY KEY, issued_until INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
        """
        ALTER TABLE locks ADD COLUMN checksum INTEGER;
        ALTER TABLE grants ADD COLUMN checksum INTEGER;
        ALTER TABLE live_keys ADD COLUMN checksum INTEGER;
        ALTER TABLE revoked_tokens ADD COLUMN checksum INTEGER;
        ALTER TABLE advertisements ADD COLUMN checksum INTEGER;
        ALTER TABLE apps ADD COLUMN checksum INTEGER;
        ALTER TABLE senders ADD COLUMN checksum INTEGER;
        ALTER TABLE message_count ADD COLUMN checksum INTEGER;
        """,
        """
        CREATE TABLE webhooks (
        id TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, channel TEXT NOT NULL, url TEXT NOT NULL, secret TEXT NOT NULL, created_at INTEGER NOT NULL,
        token_key INTEGER NOT NULL, token_issued INTEGER NOT NULL, epoch TEXT NOT NULL, position INTEGER NOT NULL, failing_since INTEGER NOT NULL,
        fault TEXT, paused_by TEXT, paused_at INTEGER NOT NULL, checksum INTEGER) STRICT, WITHOUT ROWID;
        CREATE INDEX webhooks_of_owner ON webhooks (owner);
        """,
    ];

    // All columns but the checksum, in their order.
    private static readonly Dictionary<string, string[]> Columns = new(StringComparer.Ordinal)
    {
        ["locks"] = ["channel"],
        ["grants"] = ["channel", "target"],
        ["live_keys"] = ["principal", "hash"],
        ["revoked_tokens"] = ["principal", "issued_until"],
        ["advertisements"] = ["channel", "description", "json_schema", "updated_at"],
        ["apps"] = ["name", "owner", "created_at"],
        ["senders"] = ["principal"],
        ["message_count"] = ["total"],
        ["webhooks"] =
        [
            "id", "owner", "channel", "url", "secret", "created_at", "token_key", "token_issued", "epoch", "position", "failing_since", "fault", "paused_by", "paused_at",
        ],
    };

    /// <summary>Checks a file before anything is written to it.</summary>
    /// <exception cref="IOException">The file has a newer version, belongs to another program, or is damaged.</exception>
    /// <exception cref="SqliteException">The file is not a SQLite file, or damaged.</exception>
    public static void Check(SqliteConnection connection, IReadOnlyList<string> migrations)
    {
        var version = ReadVersion(connection);
        if (version < 0 || version > migrations.Count)
        {
            throw new IOException(
                $"it has version {version}, and this broker supports versions up to {migrations.Count}; start a newer broker, or use another folder");
        }

        if (version == 0 && Ask(connection, "SELECT count(*) FROM sqlite_schema") is not 0L)
        {
            throw new IOException("it is the database of another program; use another folder");
        }

        if (Ask(connection, "PRAGMA quick_check(1)") is not "ok")
        {
            throw new IOException("it is damaged; restore a backup, or move it away and start without its locks, grants and keys");
        }
    }

    /// <summary>Migrates a file that has passed <see cref="Check"/> to the newest version, wholly or not at all.</summary>
    public static void Migrate(SqliteConnection connection, IReadOnlyList<string> migrations)
    {
        var version = ReadVersion(connection);
        if (version == migrations.Count)
        {
            return;
        }

        using var transaction = connection.BeginTransaction();
        for (; version < migrations.Count; version++)
        {
            Execute(connection, migrations[version], transaction);
        }

        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version}"), transaction);
        transaction.Commit();
    }

    /// <summary>The statement that reads a table: all columns, and then whether they match the row's checksum.</summary>
    public static string SelectOf(string table) =>
        $"SELECT {string.Join(", ", Columns[table])}, checksum IS NULL OR checksum = {RowChecksum.Of(table, Columns[table])} FROM {table}";

    /// <summary>Gives each row without a checksum one.</summary>
    public static void AddMissingChecksums(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: true);
        foreach (var (table, columns) in Columns)
        {
            Execute(connection, $"UPDATE {table} SET checksum = {RowChecksum.Of(table, columns)} WHERE checksum IS NULL", transaction);
        }

        transaction.Commit();
    }

    /// <summary>The first value of the first row.</summary>
    public static object? Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // All statements are constants of this room.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    private static int ReadVersion(SqliteConnection connection) => (int)(long)Ask(connection, "PRAGMA user_version")!;

    private static void Execute(SqliteConnection connection, string sql, SqliteTransaction transaction)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // All statements are constants of this room.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}

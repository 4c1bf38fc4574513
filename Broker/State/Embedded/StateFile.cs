using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Files;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>The file <c>state.db</c> of a data folder: opened, checked, migrated to the newest version and read.</summary>
/// <remarks>
/// DESIGN. One broker owns the file and holds a lock on <c>state.lock</c> next to it; the system releases that lock when the process ends,
/// however it ends. SQLite's own exclusive mode would do the same, but would prevent backups of a running broker.
/// WAL with synchronous=FULL: a commit has been flushed to the disk when it returns.
/// </remarks>
internal sealed class StateFile : IDisposable
{
    public const string FileName = "state.db";

    private const string LockFileName = "state.lock";

    private readonly FileStream _ownership;

    private StateFile(string path, FileStream ownership)
    {
        Path = path;
        _ownership = ownership;
        Connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,

            // Seconds. Nobody else writes, except by hand with the sqlite3 shell.
            DefaultTimeout = 5,
        }.ToString());
    }

    public string Path { get; }

    /// <summary>For use by one thread at a time.</summary>
    public SqliteConnection Connection { get; }

    /// <summary>The facts that the file held when it was opened.</summary>
    public StateTables Tables { get; } = new();

    /// <summary>Opens the file of a folder, or creates both. A file that cannot be used is left unchanged.</summary>
    /// <param name="migrations">Null: those of <see cref="StateSchema"/>.</param>
    /// <exception cref="IOException">Another broker uses the file, or the file or the folder cannot be used; the message says which and why.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or a file in it belongs to somebody else.</exception>
    public static StateFile Open(string folder, IReadOnlyList<string>? migrations = null)
    {
        DataFolder.Make(folder);
        var path = System.IO.Path.Combine(folder, FileName);
        var file = new StateFile(path, TakeOwnership(folder));
        try
        {
            MakeIfMissing(path);
            file.Prepare(migrations ?? StateSchema.Migrations);
            return file;
        }
        catch (Exception exception)
        {
            file.Dispose();
            throw exception is SqliteException or IOException ? new IOException($"{path}: {Explain(exception)}", exception) : exception;
        }
    }

    public void Dispose()
    {
        // Closing moves the contents of the WAL into the file, unless that was switched off.
        Connection.Dispose();
        _ownership.Dispose();
    }

    private static FileStream TakeOwnership(string folder)
    {
        var path = System.IO.Path.Combine(folder, LockFileName);
        try
        {
            return new FileStream(path, DataFolder.FileOptions(FileMode.OpenOrCreate, FileShare.None));
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new IOException("another broker uses it; give each broker its own folder.", exception);
        }
    }

    private static void MakeIfMissing(string path)
    {
        if (!File.Exists(path))
        {
            // Created before SQLite does it, which would take the mode from the umask. SQLite's other files inherit the mode of this one.
            using var file = new FileStream(path, DataFolder.FileOptions(FileMode.CreateNew));
        }
        else if (new FileInfo(path).Length == 0 && new FileInfo($"{path}-wal") is { Exists: true, Length: > 0 })
        {
            // SQLite would treat the pair as a new file and delete the WAL.
            throw new IOException("it is empty, but the file next to it that ends in -wal is not; restore a backup");
        }
    }

    private static string Explain(Exception exception) => exception is not SqliteException sqlite ? exception.Message : sqlite.SqliteErrorCode switch
    {
        raw.SQLITE_NOTADB => "it is not a SQLite file; restore a backup, or move it away and start without its locks, grants and keys",
        raw.SQLITE_CORRUPT => "it is damaged; restore a backup, or move it away and start without its locks, grants and keys",
        _ => sqlite.Message,
    };

    private void Prepare(IReadOnlyList<string> migrations)
    {
        Connection.Open();

        // Until the file has been checked, closing must not write to it either.
        CheckpointOnClose(false);
        StateSchema.Check(Connection, migrations);
        CheckpointOnClose(true);

        if (StateSchema.Ask(Connection, "PRAGMA journal_mode = WAL") is not "wal")
        {
            throw new IOException("its file system cannot share memory between processes, which SQLite's WAL needs");
        }

        // fullfsync is for macOS, whose fsync leaves the data in the disk's cache; other systems ignore it.
        StateSchema.Ask(Connection, "PRAGMA synchronous = FULL");
        StateSchema.Ask(Connection, "PRAGMA fullfsync = ON");
        StateSchema.Migrate(Connection, migrations);
        Load();
    }

    private void CheckpointOnClose(bool isOn)
    {
        var result = raw.sqlite3_db_config(Connection.Handle!, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, isOn ? 0 : 1, out _);
        SqliteException.ThrowExceptionForRC(result, Connection.Handle);
    }

    private void Load()
    {
        Read("SELECT channel FROM locks", row => Tables.Lock(Channel(row)));
        Read("SELECT channel, target FROM grants", row => Tables.Grant(Channel(row), Text(row, 1)!));
        Read("SELECT principal, issued_until FROM revoked_tokens", row => Tables.RevokeTokens(Text(row, 0)!, row.GetInt64(1)));
        Read("SELECT principal, hash FROM live_keys", row => Tables.SetKeyHash(Text(row, 0)!, Text(row, 1)!));
        Read(
            "SELECT channel, description, json_schema, updated_at FROM advertisements",
            row => Tables.Advertisements.Set(new Advertisement(Channel(row), Text(row, 1), Text(row, 2), row.GetInt64(3))));
        Read("SELECT name, owner, created_at FROM apps", row => Tables.Apps.TryAdd(new AppRecord(Text(row, 0)!, Text(row, 1)!, row.GetInt64(2))));
        Read("SELECT principal FROM senders", row => Tables.Activity.AddSender(Text(row, 0)!));
        Read("SELECT total FROM message_count", row => Tables.Activity.AddTotal(row.GetInt64(0)));
    }

    private void Read(string sql, Action<SqliteDataReader> take)
    {
        using var command = Connection.CreateCommand();
#pragma warning disable CA2100 // All statements are constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            take(rows);
        }
    }

    // As bytes, so that the text's whole length counts, even when a client put a NUL into it.
    private static string? Text(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(column));

    private static ChannelName Channel(SqliteDataReader row) => Channel(Text(row, 0)!);

    private static ChannelName Channel(string name) =>
        ChannelName.TryParse(name, out var channel) && channel.IsLockable ? channel : throw new IOException($"it contains an invalid channel name: '{name}'");
}

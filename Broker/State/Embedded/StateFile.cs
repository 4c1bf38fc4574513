using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Files;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>The file <c>state.db</c> of a data folder: opened, checked, migrated to the newest version and read.</summary>
/// <remarks>
/// DESIGN. One broker owns the file and holds a lock on <c>state.lock</c> next to it (<see cref="StateOwnership"/>). SQLite's own exclusive mode would do the
/// same, but would prevent backups of a running broker. WAL with synchronous=FULL: a commit has been flushed to the disk when it returns.
/// </remarks>
internal sealed class StateFile : IDisposable
{
    public const string FileName = "state.db";

    private readonly StateOwnership _ownership;

    // Closed after SQLite's own handles: the system drops a process's locks on a file when it closes any handle of it.
    private KeptFile? _kept;

    private StateFile(string path, StateOwnership ownership)
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
        var file = new StateFile(path, StateOwnership.Take(folder));
        try
        {
            file.MakeIfMissing();
            file.Prepare(migrations ?? StateSchema.Migrations);
            file._ownership.Confirm();
            return file;
        }
        catch (Exception exception)
        {
            file.Dispose();
            throw exception is SqliteException or IOException ? new IOException($"{path}: {file.Explain(exception)}", exception) : exception;
        }
    }

    /// <summary>Says what happened to the file, or to the one with its lock, under the running broker.</summary>
    /// <returns>Null when both are where they were opened. Any thread may ask.</returns>
    public string? FindLoss() =>
        _kept is not { IsInPlace: true } ? $"{Path} was removed or replaced while the broker was running: put it back, or stop the broker and restore a backup"
        : !_ownership.IsInPlace ? $"{Path}: {StateOwnership.FileName} beside it was removed or replaced while the broker was running, so another broker may use the folder: restart this one"
        : null;

    /// <summary>The reason of a failure, for the operator.</summary>
    public string Explain(Exception exception) => exception is not SqliteException sqlite ? DiskFault.Find(exception) ?? exception.Message : sqlite.SqliteErrorCode switch
    {
        raw.SQLITE_NOTADB => "it is not a SQLite file; restore a backup, or move it away and start without its locks, grants and keys",
        raw.SQLITE_CORRUPT => "it is damaged; restore a backup, or move it away and start without its locks, grants and keys",
        raw.SQLITE_FULL => DiskFault.IsFull,
        raw.SQLITE_IOERR or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN => DiskFault.Find(System.IO.Path.GetDirectoryName(Path)!) ?? sqlite.Message,
        _ => sqlite.Message,
    };

    public void Dispose()
    {
        // Closing moves the contents of the WAL into the file, unless that was switched off.
        Connection.Dispose();
        _kept?.Dispose();
        _ownership.Dispose();
    }

    private void MakeIfMissing()
    {
        var file = new FileInfo(Path);
        if (!file.Exists || file.Length == 0)
        {
            CheckIsNew(file.Exists ? "empty" : "missing");

            // Created before SQLite does it, which would take the mode from the umask. SQLite's other files inherit the mode of this one.
            using var made = new FileStream(Path, DataFolder.FileOptions(FileMode.OpenOrCreate));
        }

        _kept = new KeptFile(new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
    }

    // Without its file a store would open all locked channels, and accept all revoked keys.
    private void CheckIsNew(string fault)
    {
        if (new FileInfo($"{Path}-wal") is { Exists: true, Length: > 0 })
        {
            // SQLite would treat the pair as a new file and delete the WAL.
            throw new IOException($"it is {fault}, but the file next to it that ends in -wal is not; restore a backup");
        }

        if (_ownership.HadStore)
        {
            throw new IOException(
                $"it is {fault}, but {StateOwnership.FileName} beside it says that this folder had a store; restore a backup, "
                + $"or remove {StateOwnership.FileName}, too, to start without its locks, grants and keys");
        }
    }

    private void Prepare(IReadOnlyList<string> migrations)
    {
        Connection.Open();

        // Until the file has been checked, closing must not write to it either.
        CheckpointOnClose(false);
        StateSchema.Check(Connection, migrations);
        RowChecksum.Register(Connection);
        if (StateSchema.Ask(Connection, "PRAGMA journal_mode = WAL") is not "wal")
        {
            throw new IOException("its file system cannot share memory between processes, which SQLite's WAL needs");
        }

        // fullfsync is for macOS, whose fsync leaves the data in the disk's cache; other systems ignore it.
        StateSchema.Ask(Connection, "PRAGMA synchronous = FULL");
        StateSchema.Ask(Connection, "PRAGMA fullfsync = ON");
        StateSchema.Migrate(Connection, migrations);
        Load();
        StateSchema.AddMissingChecksums(Connection);
        CheckpointOnClose(true);
    }

    private void CheckpointOnClose(bool isOn)
    {
        var result = raw.sqlite3_db_config(Connection.Handle!, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, isOn ? 0 : 1, out _);
        SqliteException.ThrowExceptionForRC(result, Connection.Handle);
    }

    private void Load()
    {
        Read("locks", row => Tables.Lock(Channel(row)));
        Read("grants", row => Tables.Grant(Channel(row), Text(row, 1)!));
        Read("revoked_tokens", row => Tables.RevokeTokens(Text(row, 0)!, row.GetInt64(1)));
        Read("live_keys", row => Tables.SetKeyHash(Text(row, 0)!, Text(row, 1)!));
        Read("advertisements", row => Tables.Advertisements.Set(new Advertisement(Channel(row), Text(row, 1), Text(row, 2), row.GetInt64(3))));
        Read("apps", row => Tables.Apps.TryAdd(new AppRecord(Text(row, 0)!, Text(row, 1)!, row.GetInt64(2))));
        Read("senders", row => Tables.Activity.AddSender(Text(row, 0)!));
        Read("message_count", row => Tables.Activity.AddTotal(row.GetInt64(0)));
        Read("webhooks", row => Tables.Webhooks.TryAdd(Webhook(row)));
    }

    private void Read(string table, Action<SqliteDataReader> take)
    {
        using var command = Connection.CreateCommand();
#pragma warning disable CA2100 // All statements are constants of this room.
        command.CommandText = StateSchema.SelectOf(table);
#pragma warning restore CA2100
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            if (!rows.GetBoolean(rows.FieldCount - 1))
            {
                throw new IOException(
                    $"it is damaged: a row of {table} does not match its checksum; restore a backup, or, if the row was changed by hand, set its checksum to NULL");
            }

            take(rows);
        }
    }

    private static Webhook Webhook(SqliteDataReader row) => new(Text(row, 0)!, Text(row, 1)!, AnyChannel(Text(row, 2)!), Text(row, 3)!)
    {
        Secret = Text(row, 4)!,
        CreatedAt = row.GetInt64(5),
        Token = new(unchecked((ulong)row.GetInt64(6)), row.GetInt64(7)),
        Progress = new(new(unchecked((ulong)row.GetInt64(9)), Text(row, 8)!))
        {
            FailingSince = row.GetInt64(10),
            Fault = Text(row, 11),
            PausedBy = Text(row, 12),
            PausedAt = row.GetInt64(13),
        },
    };

    // As bytes, so that the text's whole length counts, even when a client put a NUL into it.
    private static string? Text(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(column));

    private static ChannelName Channel(SqliteDataReader row) => Channel(Text(row, 0)!);

    private static ChannelName Channel(string name) => AnyChannel(name) is { IsLockable: true } channel ? channel : throw Invalid(name);

    private static ChannelName AnyChannel(string name) => ChannelName.TryParse(name, out var channel) ? channel : throw Invalid(name);

    private static IOException Invalid(string name) => new($"it contains an invalid channel name: '{name}'");
}

using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ClawEvents.Broker.State;

/// <summary>Writes changes to the state file: whatever has gathered while the last commit was flushed shares the next one.</summary>
/// <remarks>
/// One thread writes, in the order in which the changes came. A change is in memory only once it is on the disk, and its task completes
/// after both. If a commit fails, the changes in it fail with it and are nowhere; the next ones are tried anew.
/// </remarks>
internal sealed class StateWriter : IAsyncDisposable
{
    // Bounds how long one transaction takes, and so how long its first caller waits for the last.
    private const int MaxChangesPerCommit = 1_024;

    private readonly SqliteConnection _connection;
    private readonly StateTables _tables;
    private readonly BlockingCollection<StateChange> _queue = [];
    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);
    private readonly Task _loop;

    /// <param name="connection">The writer's own from here on; it is not closed with the writer.</param>
    /// <param name="tables">Changed by this writer only.</param>
    public StateWriter(SqliteConnection connection, StateTables tables)
    {
        _connection = connection;
        _tables = tables;

        // A thread of its own: it waits for the disk most of the time.
        _loop = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <returns>Completes when the change is on the disk and in memory; fails with an <see cref="IOException"/> when it is in neither.</returns>
    public Task WriteAsync(StateChange change)
    {
        _queue.Add(change);
        return change.Task;
    }

    /// <summary>Writes what has been accepted, and nothing after that.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        await _loop;
        foreach (var statement in _statements.Values)
        {
            await statement.DisposeAsync();
        }

        _queue.Dispose();
    }

    private void Run()
    {
        var changes = new List<StateChange>();
        while (_queue.TryTake(out var change, Timeout.Infinite))
        {
            changes.Add(change);
            while (changes.Count < MaxChangesPerCommit && _queue.TryTake(out change))
            {
                changes.Add(change);
            }

            Commit(changes);
            changes.Clear();
        }
    }

    private void Commit(List<StateChange> changes)
    {
        try
        {
            Execute("BEGIN IMMEDIATE");
            foreach (var change in changes)
            {
                Execute(change.Sql, change.Key, change.Value);
            }

            Execute("COMMIT");
        }
        catch (Exception exception)
        {
            // Whatever it was: the callers wait for an answer, and the loop has to go on for those who come after.
            var failure = new IOException($"{_connection.DataSource} was not written: {TryRollBack() ?? exception.Message}", exception);
            changes.ForEach(change => change.SetException(failure));
            return;
        }

        changes.ForEach(change => change.Apply(_tables));
        changes.ForEach(change => change.SetResult());
    }

    // SQLite rolls back by itself after some faults (a full disk, a failed write), and then says that there is nothing to roll back.
    private string? TryRollBack()
    {
        try
        {
            if (raw.sqlite3_get_autocommit(_connection.Handle!) == 0)
            {
                Execute("ROLLBACK");
            }

            return null;
        }
        catch (SqliteException exception)
        {
            // The next BEGIN fails as well and gets here again.
            return exception.Message;
        }
    }

    private void Execute(string sql, string? key = null, string? value = null)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            _statements.Add(sql, statement = Make(sql, key, value));
        }

        if (key is not null)
        {
            statement.Parameters[0].Value = key;
        }

        if (value is not null)
        {
            statement.Parameters[1].Value = value;
        }

        statement.ExecuteNonQuery();
    }

    private SqliteCommand Make(string sql, string? key, string? value)
    {
        var statement = _connection.CreateCommand();
#pragma warning disable CA2100 // The text is this room's own; what clients send are parameters.
        statement.CommandText = sql;
#pragma warning restore CA2100
        if (key is not null)
        {
            statement.Parameters.AddWithValue("$key", key);
        }

        if (value is not null)
        {
            statement.Parameters.AddWithValue("$value", value);
        }

        return statement;
    }
}

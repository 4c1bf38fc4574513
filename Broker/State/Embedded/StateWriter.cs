using System.Collections.Concurrent;
using ClawEvents.Broker.Faults;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>Writes changes to the state file: those that arrive while a commit is flushed share the next one.</summary>
/// <remarks>
/// One thread writes, in the order in which the changes came. A change is in memory only once it is on the disk, and its task completes
/// after both. If a commit fails, the changes in it fail with it and are in neither place; later ones are tried again.
/// </remarks>
internal sealed class StateWriter : IAsyncDisposable
{
    // Bounds the duration of one transaction, and so the time that its first caller waits for the last one.
    private const int MaxChangesPerCommit = 1_024;

    private readonly StateFile _file;
    private readonly SqliteConnection _connection;
    private readonly Action<string?> _outage;
    private readonly BlockingCollection<StateChange> _queue = [];
    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);
    private readonly Task _loop;
    private string? _fault;
    private bool _hadLoss;

    /// <param name="file">Its connection and tables are used only by the writer from here on, which does not close it.</param>
    /// <param name="outage">Called once when changes begin to fail, with the reason, and once when they succeed again, with null.</param>
    public StateWriter(StateFile file, Action<string?> outage)
    {
        _file = file;
        _connection = file.Connection;
        _outage = outage;

        // A dedicated thread, because it waits for the disk most of the time.
        _loop = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Returns why nothing can be written now, or why the last commit failed; null: neither. Any thread may ask.</summary>
    public string? FindFault() => FindLoss() ?? Volatile.Read(ref _fault);

    /// <returns>
    /// Completes when the change is on the disk and in memory, with whether there was anything to change; fails with an
    /// <see cref="StoreUnavailableException"/> when it is in neither.
    /// </returns>
    public Task<bool> WriteAsync(StateChange change)
    {
        _queue.Add(change);
        return change.Task;
    }

    /// <summary>Writes accepted changes, and accepts no more.</summary>
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
        if (FindLoss() is { } loss)
        {
            Fail(changes, new StoreUnavailableException(loss));
            return;
        }

        var isEffective = new bool[changes.Count];
        try
        {
            Execute("BEGIN IMMEDIATE");
            for (var i = 0; i < changes.Count; i++)
            {
                isEffective[i] = Execute(changes[i].Sql, changes[i].Parameters) > 0;
            }

            Execute("COMMIT");
        }
        catch (Exception exception)
        {
            // Any exception is caught: the callers wait for an answer, and the loop has to go on for later ones.
            Fail(changes, new StoreUnavailableException($"{_file.Path} was not written: {TryRollBack() ?? Explain(exception)}", exception));
            return;
        }

        if (isEffective.Contains(true))
        {
            // Otherwise nothing was written, which says nothing about the disk.
            Report(null);
        }

        Publish(changes, isEffective);
    }

    // Noticed by the health check, too, also when it is over.
    private string? FindLoss()
    {
        var loss = _file.FindLoss();
        if (loss is not null || Volatile.Read(ref _hadLoss))
        {
            Volatile.Write(ref _hadLoss, loss is not null);
            Report(loss);
        }

        return loss;
    }

    private void Report(string? fault)
    {
        if (Interlocked.Exchange(ref _fault, fault) is null != fault is null)
        {
            _outage(fault);
        }
    }

    // The reason that an operator can do something about; of a bug in the broker all that is known.
    private string Explain(Exception exception) => exception is SqliteException or IOException ? _file.Explain(exception) : exception.ToString();

    private void Fail(List<StateChange> changes, StoreUnavailableException failure)
    {
        Report(failure.Message);
        changes.ForEach(change => change.SetException(failure));
    }

    private void Publish(List<StateChange> changes, bool[] isEffective)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            if (isEffective[i])
            {
                changes[i].Apply(_file.Tables);
            }
        }

        for (var i = 0; i < changes.Count; i++)
        {
            changes[i].SetResult(isEffective[i]);
        }
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

    /// <returns>How many rows it changed.</returns>
    private int Execute(string sql, params IReadOnlyList<(string Name, object? Value)> parameters)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            _statements.Add(sql, statement = Make(sql, parameters));
        }

        for (var i = 0; i < parameters.Count; i++)
        {
            statement.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        }

        return statement.ExecuteNonQuery();
    }

    private SqliteCommand Make(string sql, IReadOnlyList<(string Name, object? Value)> parameters)
    {
        var statement = _connection.CreateCommand();
#pragma warning disable CA2100 // All statements are constants of this room; values from clients are parameters.
        statement.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, _) in parameters)
        {
            statement.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return statement;
    }
}

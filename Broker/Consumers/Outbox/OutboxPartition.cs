using System.Data;
using ClawEvents.Broker.Configuration;
using Npgsql;
using NpgsqlTypes;

namespace ClawEvents.Broker.Consumers.Outbox;

/// <summary>One partition of an outbox.</summary>
/// <remarks>One task reads it; <see cref="Wake"/> is for any thread.</remarks>
internal sealed class OutboxPartition(OutboxOptions options, ConsumerWork work, NpgsqlDataSource source, int number) : IDisposable
{
    private readonly string _delete = $"DELETE FROM {options.Table} WHERE id = ANY($1)";

    // Centrifugo's.
    private readonly string _lock = $"centrifugo_partition_lock_{options.Name}{number}";

    private readonly SemaphoreSlim _wake = new(0, 1);

    // Null: the type of the payload is not known yet.
    private string? _select;

    private readonly record struct Turn(int Done, bool HasFailed);

    public int Number => number;

    public void Dispose() => _wake.Dispose();

    /// <summary>There may be rows.</summary>
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is about to look anyway.
            return;
        }
    }

    /// <summary>Reads until it is cancelled, or the server fails.</summary>
    public async Task RunAsync(Action onAnswer, CancellationToken cancellation)
    {
        for (var failures = 0; !cancellation.IsCancellationRequested;)
        {
            var turn = await RunTurnAsync(isRepeated: failures > 0, cancellation);
            onAnswer();
            failures = turn.HasFailed ? (turn.Done > 0 ? 1 : failures + 1) : 0;
            if (turn.HasFailed)
            {
                await work.WaitAsync(failures, cancellation);
            }
            else if (turn.Done < options.SelectLimit)
            {
                await _wake.WaitAsync(options.PollInterval, cancellation);
            }
        }
    }

    private async Task<Turn> RunTurnAsync(bool isRepeated, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);
        if (!await TryLockAsync(connection, cancellation))
        {
            // Another node has it now.
            return default;
        }

        var done = new List<long>(options.SelectLimit);
        var hasFailed = await HandleAsync(connection, done, isRepeated, cancellation);
        if (done.Count > 0)
        {
            // Not cancelled: what is done should not be done again after the next start.
            await DeleteAsync(connection, done);
            await transaction.CommitAsync(CancellationToken.None);
        }

        return new(done.Count, hasFailed);
    }

    // The server turns JSON of any kind into text; bytes are taken as they are.
    private async Task<string> QueryAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"SELECT payload FROM {options.Table} LIMIT 0", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var payload = rows.GetDataTypeName(0) == "bytea" ? "payload" : "payload::text";
        return $"SELECT id::bigint, method, {payload} FROM {options.Table} WHERE partition = $1 ORDER BY id LIMIT $2";
    }

    private async Task DeleteAsync(NpgsqlConnection connection, List<long> done)
    {
        await using var command = new NpgsqlCommand(_delete, connection) { Parameters = { new() { Value = done, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint } } };
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock(hashtext($1))", connection) { Parameters = { new() { Value = _lock, NpgsqlDbType = NpgsqlDbType.Text } } };
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    // Rows are carried out as they arrive: no more than one of them is in memory.
    private async Task<bool> HandleAsync(NpgsqlConnection connection, List<long> done, bool isRepeated, CancellationToken cancellation)
    {
        _select ??= await QueryAsync(connection, cancellation);
        await using var command = new NpgsqlCommand(_select, connection)
        {
            Parameters =
            {
                new() { Value = number, NpgsqlDbType = NpgsqlDbType.Integer },
                new() { Value = options.SelectLimit, NpgsqlDbType = NpgsqlDbType.Integer },
            },
        };
        await using var rows = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        while (!cancellation.IsCancellationRequested && await rows.ReadAsync(CancellationToken.None))
        {
            if (!await TryHandleAsync(rows, isRepeated && done.Count == 0, done))
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<bool> TryHandleAsync(NpgsqlDataReader rows, bool isRepeated, List<long> done)
    {
        var id = rows.GetInt64(0);
        var method = await rows.IsDBNullAsync(1) ? "" : rows.GetString(1);
        var place = $"row {id}";
        if (await ReadPayloadAsync(rows) is { } payload)
        {
            if (!await work.TryHandleAsync(place, QueuedRequest.Command(method, payload), isRepeated))
            {
                return false;
            }
        }
        else
        {
            work.Skip(place, $"its payload has more than {work.MaxPayloadBytes} bytes");
        }

        done.Add(id);
        return true;
    }

    // Null: it is too long, and was not read.
    private async ValueTask<byte[]?> ReadPayloadAsync(NpgsqlDataReader rows)
    {
        const int column = 2;
        if (await rows.IsDBNullAsync(column))
        {
            return [];
        }

        await using var stream = await rows.GetStreamAsync(column);
        if (stream.Length > work.MaxPayloadBytes)
        {
            return null;
        }

        var payload = new byte[stream.Length];
        await stream.ReadExactlyAsync(payload);
        return payload;
    }
}

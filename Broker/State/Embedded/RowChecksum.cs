using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Microsoft.Data.Sqlite;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>The checksum that each row of the state file carries, as a function of SQL: a flipped bit on the disk is noticed when the row is read.</summary>
/// <remarks>
/// CRC-32C over the table's name and all columns, each behind its length. Columns go in as blobs, so that a NUL in a text ends nothing. NULL means that a
/// row has none: somebody wrote it by hand, or a migration. It gets one at the next start.
/// </remarks>
internal static class RowChecksum
{
    private const string Function = "row_checksum";

    // No column is that long.
    private const uint LengthOfNull = uint.MaxValue;

    /// <summary>Makes the function known to a connection, which must be open.</summary>
    public static void Register(SqliteConnection connection) => connection.CreateFunction<long>(Function, Compute, isDeterministic: true);

    /// <summary>The expression of a row's checksum.</summary>
    /// <param name="table">A name without quotes.</param>
    /// <param name="values">Expressions of all columns, in their order.</param>
    public static string Of(string table, params IEnumerable<string> values) =>
        $"{Function}('{table}', {string.Join(", ", values.Select(value => $"CAST({value} AS BLOB)"))})";

    private static long Compute(object?[] values)
    {
        var crc = uint.MaxValue;
        foreach (var value in values)
        {
            crc = value switch
            {
                byte[] bytes => Add(Add(crc, (uint)bytes.Length), bytes),
                string name => Add(crc, Encoding.UTF8.GetBytes(name)),
                _ => Add(crc, LengthOfNull),
            };
        }

        return ~crc;
    }

    private static uint Add(uint crc, uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return Add(crc, bytes);
    }

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return crc;
    }
}

using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace ClawEvents.Broker.Redis;

/// <summary>A script that Redis runs atomically: no other client sees a state between its commands.</summary>
/// <remarks>
/// Thread-safe. It is called by its hash. A server that does not know it, because it has just started, gets its text once. The library can do that, too,
/// but then looks the whole text up in a table for each call.
/// </remarks>
internal sealed class RedisScript(string text)
{
#pragma warning disable CA5350 // Redis names scripts so; no secret depends on it.
    private readonly byte[] _hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350

    /// <summary>Runs it on the server that has the keys: all of it, or, when its first command fails, nothing.</summary>
    /// <param name="keys">In a cluster, all in one slot.</param>
    public async Task<RedisResult> RunAsync(IDatabaseAsync database, RedisKey[] keys, RedisValue[] arguments, CommandFlags flags = CommandFlags.None)
    {
        try
        {
            return await database.ScriptEvaluateAsync(_hash, keys, arguments, flags);
        }
        catch (RedisServerException exception) when (exception.Kind is RedisErrorKind.NoScript)
        {
            // Nothing was done.
            return await database.ScriptEvaluateAsync(text, keys, arguments, flags | CommandFlags.NoScriptCache);
        }
    }
}

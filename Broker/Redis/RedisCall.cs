using StackExchange.Redis;

namespace ClawEvents.Broker.Redis;

/// <summary>One command for Redis, or one call of a script. Immutable: it may be sent more than once.</summary>
internal sealed class RedisCall
{
    private readonly RedisScript? _script;
    private readonly string _name;
    private readonly RedisKey[] _keys;
    private readonly RedisValue[] _arguments;

    private RedisCall(RedisScript? script, string name, RedisKey[] keys, RedisValue[] arguments)
    {
        _script = script;
        _name = name;
        _keys = keys;
        _arguments = arguments;
    }

    /// <param name="name">As in Redis.</param>
    /// <param name="key">In a cluster, the server that has it gets the command.</param>
    /// <param name="arguments">What follows the key.</param>
    public static RedisCall Of(string name, RedisKey key, params RedisValue[] arguments) => new(null, name, [key], arguments);

    /// <inheritdoc cref="RedisScript.RunAsync"/>
    public static RedisCall Of(RedisScript script, RedisKey[] keys, params RedisValue[] arguments) => new(script, "", keys, arguments);

    /// <summary>The same with another last argument.</summary>
    public RedisCall WithLast(RedisValue argument) => new(_script, _name, _keys, [.. _arguments[..^1], argument]);

    public Task<RedisResult> SendAsync(IDatabaseAsync database, CommandFlags flags = CommandFlags.None) => _script is null
        ? database.ExecuteAsync(_name, [_keys[0], .. _arguments], flags)
        : _script.RunAsync(database, _keys, _arguments, flags);
}

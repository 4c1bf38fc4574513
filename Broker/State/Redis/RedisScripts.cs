using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>Scripts, which Redis runs atomically: no other client sees a state between the commands of a script.</summary>
/// <remarks>
/// Redis does not undo the first commands of a script when a later one fails. So commands that can fail, because somebody gave the key another
/// type, come first: sets before strings. The order of keys and values is given above each text.
/// </remarks>
internal static class RedisScripts
{
    // KEYS: lock, topics. ARGV: topic.
    public static RedisScript Lock { get; } = new("redis.call('SADD', KEYS[2], ARGV[1]) redis.call('SET', KEYS[1], '1') return 1");

    // KEYS: lock, topics. ARGV: topic.
    public static RedisScript Unlock { get; } = new("redis.call('SREM', KEYS[2], ARGV[1]) return redis.call('DEL', KEYS[1])");

    // KEYS: grants, counts. ARGV: target, owner.
    public static RedisScript Grant { get; } = new("""
        local added = redis.call('SADD', KEYS[1], ARGV[1])
        if added == 1 then redis.call('HINCRBY', KEYS[2], ARGV[2], 1) end
        return added
        """);

    // KEYS: grants, counts. ARGV: target, owner. A grant that somebody else wrote was never counted.
    public static RedisScript RevokeGrant { get; } = new("""
        local removed = redis.call('SREM', KEYS[1], ARGV[1])
        if removed == 1 and redis.call('HINCRBY', KEYS[2], ARGV[2], -1) <= 0 then redis.call('HDEL', KEYS[2], ARGV[2]) end
        return removed
        """);

    // KEYS: lock, grants. ARGV: principal. A lock key of any type locks.
    public static RedisScript ReadAccess { get; } = new("return { redis.call('EXISTS', KEYS[1]), redis.call('SISMEMBER', KEYS[2], ARGV[1]) }");

    // KEYS: lock and topics of each. ARGV: topic of each. Only what is still locked. Topics of another type concern their owner's list alone.
    public static RedisScript IndexLocks { get; } = new("""
        for i = 1, #ARGV do
          if redis.call('EXISTS', KEYS[2 * i - 1]) == 1 then redis.pcall('SADD', KEYS[2 * i], ARGV[i]) end
        end
        return #ARGV
        """);

    // KEYS: any key of the store, for Redis Cluster: its server is the one to search. ARGV: cursor, pattern, number.
    public static RedisScript Scan { get; } = new("return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])");

    // KEYS: lock of each. Answers 1 or 0 for each.
    public static RedisScript AreThere { get; } = new("""
        local there = {}
        for i = 1, #KEYS do there[i] = redis.call('EXISTS', KEYS[i]) end
        return there
        """);

    // KEYS: window. The expiry is checked each time: a window without one would shut its principal out for ever.
    public static RedisScript CountPublish { get; } = new("""
        local count = redis.call('INCR', KEYS[1])
        if redis.call('PTTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], 1) end
        return count
        """);

    // KEYS: second. ARGV: a node's second, the key's lifetime in ms, from which its age follows. The next second is always accepted: clocks differ by
    // parts of a second. A larger step is accepted only when that much time has passed, to a second; otherwise that node's clock is ahead.
    public static RedisScript ReachSecond { get; } = new("""
        local last = tonumber(redis.call('GET', KEYS[1]) or '')
        if last then
          local ahead = ARGV[1] - last
          if ahead <= 0 then return ahead == 0 and 1 or 0 end
          local passed = ARGV[2] - redis.call('PTTL', KEYS[1])
          if ahead > 1 and (ahead - 1) * 1000 > passed then return 0 end
        end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1
        """);

    // KEYS: end of revoked tokens, live key. ARGV: the new end.
    public static RedisScript RevokeTokens { get; } = new("""
        local last = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
        if tonumber(ARGV[1]) > last then redis.call('SET', KEYS[1], ARGV[1]) end
        return redis.call('DEL', KEYS[2])
        """);

    // KEYS: signature. ARGV: its expected value.
    public static RedisScript TakeIfEqual { get; } = new("if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0");

    // KEYS: challenge. Answers its value.
    public static RedisScript Take { get; } = new("""
        local value = redis.call('GET', KEYS[1])
        redis.call('DEL', KEYS[1])
        return value
        """);

    // KEYS: app, its key, the owner's apps. ARGV: name, app's JSON, key's JSON.
    public static RedisScript CreateApp { get; } = new("""
        if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
        redis.call('SADD', KEYS[3], ARGV[1])
        redis.call('SET', KEYS[1], ARGV[2])
        redis.call('SET', KEYS[2], ARGV[3])
        return 1
        """);

    // KEYS: app, its key. ARGV: owner, key's JSON.
    public static RedisScript SetAppKey { get; } = new(IsOwners + """
        redis.call('SET', KEYS[2], ARGV[2])
        return 1
        """);

    // KEYS: app, its key, the owner's apps. ARGV: owner, name.
    public static RedisScript DeleteApp { get; } = new(IsOwners + """
        redis.call('SREM', KEYS[3], ARGV[2])
        redis.call('DEL', KEYS[1], KEYS[2])
        return 1
        """);

    // KEYS: advertisement, advertised, version, digests. ARGV: channel, JSON.
    public static RedisScript SetAdvertisement { get; } = new(NextVersion + """
        redis.call('HSET', KEYS[4], ARGV[1], redis.sha1hex(ARGV[2]))
        redis.call('ZADD', KEYS[2], next_version(KEYS[3]), ARGV[1])
        redis.call('SET', KEYS[1], ARGV[2])
        return 1
        """);

    // KEYS: advertisement, advertised, version, digests. ARGV: channel.
    public static RedisScript RemoveAdvertisement { get; } = new(NextVersion + """
        redis.call('HDEL', KEYS[4], ARGV[1])
        if redis.call('ZREM', KEYS[2], ARGV[1]) == 1 then next_version(KEYS[3]) end
        return redis.call('DEL', KEYS[1])
        """);

    // KEYS: advertised, version, digests, advertisement of each. ARGV: channel of each. Changes nothing where the index agrees with the advertisement,
    // however many brokers ask. MGET, because it takes a key of another type for a missing one.
    public static RedisScript IndexAdvertisements { get; } = new(NextVersion + """
        for i = 1, #ARGV do
          local text = redis.call('MGET', KEYS[i + 3])[1]
          local digest = text and redis.sha1hex(text)
          if not text then
            redis.call('HDEL', KEYS[3], ARGV[i])
            if redis.call('ZREM', KEYS[1], ARGV[i]) == 1 then next_version(KEYS[2]) end
          elseif redis.call('HGET', KEYS[3], ARGV[i]) ~= digest or not redis.call('ZSCORE', KEYS[1], ARGV[i]) then
            redis.call('HSET', KEYS[3], ARGV[i], digest)
            redis.call('ZADD', KEYS[1], next_version(KEYS[2]), ARGV[i])
          end
        end
        return #ARGV
        """);

    // KEYS: advertised, version. ARGV: the version known. Answers: version, number of all, channels changed since.
    public static RedisScript ReadAdvertised { get; } = new("""
        return {
          redis.call('GET', KEYS[2]) or '0',
          redis.call('ZCARD', KEYS[1]),
          redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf') }
        """);

    // KEYS: total, minute, senders. ARGV: messages, seconds to keep the minute, senders. Lua's unpack takes some thousands at most.
    public static RedisScript AddActivity { get; } = new("""
        for i = 3, #ARGV, 1000 do redis.call('SADD', KEYS[3], unpack(ARGV, i, math.min(i + 999, #ARGV))) end
        redis.call('INCRBY', KEYS[1], ARGV[1])
        redis.call('INCRBY', KEYS[2], ARGV[1])
        return redis.call('EXPIRE', KEYS[2], ARGV[2])
        """);

    // Answers 0 when there is no such app of this owner, and -1 when the value is not an app.
    private const string IsOwners = """
        local text = redis.call('GET', KEYS[1])
        if not text then return 0 end
        local ok, app = pcall(cjson.decode, text)
        if not ok or type(app) ~= 'table' then return -1 end
        if app.owner ~= ARGV[1] then return 0 end

        """;

    // Microseconds of the server's clock, or one more than the last version: a Redis that lost its newest changes in a crash does not issue a
    // version twice, so no broker mistakes an old list for a new one.
    private const string NextVersion = """
        local function next_version(key)
          local now = redis.call('TIME')
          local last = tonumber(redis.call('GET', key) or '0') or 0
          local version = string.format('%.0f', math.max(last + 1, now[1] * 1000000 + now[2]))
          redis.call('SET', key, version)
          return version
        end

        """;
}

using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Cluster.Engine;

/// <summary>Scripts for channels and for orders between nodes, which Redis runs atomically: no other client sees a state between the commands of a script.</summary>
/// <remarks>
/// A <em>place</em> is an offset (8 bytes), the length of an epoch (1) and the epoch. Offsets are numbers of Lua: exact up to 2^53.
/// Versions are texts of 20 digits, so that they compare as texts.
/// Scripts that publish come twice: with <c>PUBLISH</c>, and for Redis Cluster, where the last argument is "1" after a redirection.
/// </remarks>
internal static class EngineScripts
{
    // KEYS: stream, meta, [once]. ARGV: start of a message, bus name, body, size, ttl, meta ttl, epoch for a channel without one,
    // whether a delta is wanted, version or nothing, its epoch, ttl of the result. Answers: suppression, place.
    // A channel without an epoch has no history: remains of one would have other offsets.
    // When memory is full, Redis refuses a script at its first command that needs memory, unless it has changed something before. So such a
    // command comes first in each script, which is then refused as a whole.
    public static RedisScript Publish { get; } = new(Plain + PublishText);

    /// <inheritdoc cref="Publish"/>
    public static RedisScript PublishInCluster { get; } = new(InCluster + PublishText);

    // KEYS: once. ARGV: bus name, message, ttl of the result. Answers: suppression, place (none).
    public static RedisScript PublishOnce { get; } = new(Plain + PublishOnceText);

    /// <inheritdoc cref="PublishOnce"/>
    public static RedisScript PublishOnceInCluster { get; } = new(InCluster + PublishOnceText);

    private const string PublishText = """
        if KEYS[3] then
          local first = redis.call('GET', KEYS[3])
          if first then return '1' .. first end
        end
        local meta = redis.call('HMGET', KEYS[2], 'o', 'e', 'v', 'w')
        local epoch = meta[2]
        if not epoch then
          epoch = ARGV[7]
          redis.call('HSET', KEYS[2], 'o', '0', 'e', epoch)
          redis.call('HDEL', KEYS[2], 'v', 'w')
          redis.call('DEL', KEYS[1])
          meta = { '0' }
        end
        local function place(offset)
          return struct.pack('>I8', offset) .. string.char(#epoch) .. epoch
        end
        if ARGV[9] ~= '' then
          if meta[3] and meta[4] == ARGV[10] and ARGV[9] <= meta[3] then
            redis.call('PEXPIRE', KEYS[2], ARGV[6])
            return '2' .. place(tonumber(meta[1]))
          end
          redis.call('HSET', KEYS[2], 'v', ARGV[9], 'w', ARGV[10])
        end
        local offset = redis.call('HINCRBY', KEYS[2], 'o', 1)
        redis.call('PEXPIRE', KEYS[2], ARGV[6])
        local kind, previous = '\2', ''
        if ARGV[8] == '1' then
          local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
          if last and last[1] == string.format('%.0f-0', offset - 1) then
            kind, previous = '\3', struct.pack('>I4', #last[2][2]) .. last[2][2]
          end
        end
        redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[4], string.format('%.0f-0', offset), 'd', ARGV[3])
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
        local placed = place(offset)
        publish(ARGV[2], ARGV[1] .. kind .. placed .. previous .. ARGV[3])
        if KEYS[3] then redis.call('SET', KEYS[3], placed, 'PX', ARGV[11]) end
        return '0' .. placed
        """;

    private const string PublishOnceText = """
        local first = redis.call('GET', KEYS[1])
        if first then return '1' .. first end
        local placed = struct.pack('>I8', 0) .. '\0'
        redis.call('SET', KEYS[1], placed, 'PX', ARGV[3])
        publish(ARGV[1], ARGV[2])
        return '0' .. placed
        """;

    // KEYS: stream, meta. ARGV: epoch for a channel without one, meta ttl, limit, first and last offset, XRANGE or XREVRANGE.
    // Answers: offset, epoch, entries.
    public static RedisScript Read { get; } = new("""
        local meta = redis.call('HMGET', KEYS[2], 'o', 'e')
        if not meta[2] then
          meta = { '0', ARGV[1] }
          redis.call('HSET', KEYS[2], 'o', '0', 'e', ARGV[1])
          redis.call('HDEL', KEYS[2], 'v', 'w')
          redis.call('DEL', KEYS[1])
        end
        redis.call('PEXPIRE', KEYS[2], ARGV[2])
        local entries = {}
        if ARGV[3] == '-1' then
          entries = redis.call(ARGV[6], KEYS[1], ARGV[4], ARGV[5])
        elseif ARGV[3] ~= '0' then
          entries = redis.call(ARGV[6], KEYS[1], ARGV[4], ARGV[5], 'COUNT', ARGV[3])
        end
        return { meta[1], meta[2], entries }
        """);

    // KEYS: meta, which is not used. ARGV: bus name, message.
    public static RedisScript PublishHere { get; } = new(InCluster + "publish(ARGV[1], ARGV[2])");

    // KEYS: stream, meta. ARGV: the epoch to end, the new one, an upper limit of the offset. Answers: offset, epoch.
    public static RedisScript RenewEpoch { get; } = new("""
        local meta = redis.call('HMGET', KEYS[2], 'o', 'e')
        if meta[2] == ARGV[1] and tonumber(meta[1]) < tonumber(ARGV[3]) then
          redis.call('HSET', KEYS[2], 'e', ARGV[2])
          local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
          if newest and tonumber(string.match(newest[1], '^%d+')) > tonumber(meta[1]) then redis.call('DEL', KEYS[1]) end
        end
        return redis.call('HMGET', KEYS[2], 'o', 'e')
        """);

    // KEYS: clients, ends, users. ARGV: client, its info, its user, ttl.
    public static RedisScript AddPresence { get; } = new(Presence + """
        redis.call('ZADD', KEYS[2], now + ARGV[4], ARGV[1])
        forget_due()
        forget(ARGV[1])
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        redis.call('ZADD', KEYS[2], now + ARGV[4], ARGV[1])
        redis.call('HINCRBY', KEYS[3], ARGV[3], 1)
        for i = 1, 3 do
          if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[i], ARGV[4]) end
        end
        return 1
        """);

    // KEYS: as above. ARGV: client.
    public static RedisScript RemovePresence { get; } = new(Presence + """
        forget(ARGV[1])
        return 1
        """);

    // KEYS: as above. Answers: the info of each client.
    public static RedisScript GetPresence { get; } = new(Presence + """
        forget_due()
        return redis.call('HVALS', KEYS[1])
        """);

    // KEYS: as above. Answers: clients, users.
    public static RedisScript CountPresence { get; } = new(Presence + """
        forget_due()
        return { redis.call('HLEN', KEYS[1]), redis.call('HLEN', KEYS[3]) }
        """);

    // KEYS: orders. ARGV: start of a message, bus name, content, how many to keep. Answers: whether it is kept.
    // A server that accepts no changes now, because its memory is full, still sends it: nodes that hear it need no list. A replica must not.
    public static RedisScript SendOrder { get; } = new("""
        local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
        local previous = last and last[1] or '0-0'
        local id = redis.pcall('XADD', KEYS[1], 'MAXLEN', ARGV[4], '*', 'p', previous, 'd', ARGV[3])
        if type(id) == 'table' then
          if string.find(id.err, 'READONLY', 1, true) then return id end
          redis.call('PUBLISH', ARGV[2], ARGV[1] .. '\6' .. ARGV[3])
          return 0
        end
        redis.call('PUBLISH', ARGV[2], ARGV[1] .. '\7' .. string.char(#id) .. id .. string.char(#previous) .. previous .. ARGV[3])
        return 1
        """);

    // KEYS: orders. ARGV: first id, how many. Answers: seconds and microseconds of the clock, the newest id, entries.
    public static RedisScript ReadOrders { get; } = new("""
        local time = redis.call('TIME')
        local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
        return { time[1], time[2], last and last[1] or '0-0', redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2]) }
        """);

    /// <summary>How a script publishes.</summary>
    public const string Plain = "local function publish(name, message) redis.call('PUBLISH', name, message) end\n";

    // A slot whose keys are already here is subscribed to at the server that gives it away: so its message is sent to all, with its name.
    // Servers before Redis 7 have no REDIS_VERSION_NUM.
    public const string InCluster = $"""
        local function publish(name, message)
          if ARGV[#ARGV] == '1' then
            redis.call('PUBLISH', '{BusNames.Moving}', struct.pack('>I4', #name) .. name .. message)
            return
          end
          if redis.REDIS_VERSION_NUM then
            local sent = redis.pcall('SPUBLISH', name, message)
            if type(sent) == 'number' then return end
            if not string.find(sent.err, '{BusSharding.UnknownCommand}', 1, true) then error(sent.err) end
          end
          redis.call('PUBLISH', name, message)
        end

        """;

    private const string Now = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)

        """;

    // A client's info begins with its user, after a length of 4 bytes.
    private const string Presence = Now + """
        local function forget(client)
          local known = redis.call('HGET', KEYS[1], client)
          if not known then return end
          redis.call('HDEL', KEYS[1], client)
          redis.call('ZREM', KEYS[2], client)
          local user = known:sub(5, 4 + struct.unpack('>I4', known))
          if redis.call('HINCRBY', KEYS[3], user, -1) < 1 then redis.call('HDEL', KEYS[3], user) end
        end
        local function forget_due()
          for _, client in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do forget(client) end
        end

        """;
}

using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Cluster.Maps;

/// <summary>Scripts for maps, which Redis runs atomically. Those that publish come twice, as in <see cref="EngineScripts"/>.</summary>
/// <remarks>
/// KEYS of all: stream, meta, map, order, ends, versions, [once]. ARGV of all: start of a message, bus name, epoch for a map without one, size of the stream
/// (0: none), its ttl, meta ttl (0: as long as there are keys), meta ttl of an empty map, key ttl (0: none), and what the script itself says.
/// <para>A value in the map is rank (8 bytes), offset (8), whether subscribers got something else (1), start and length of its tags within its body (4, 4),
/// body. Times are milliseconds; those of expiry are of Redis's clock.</para>
/// The first command that changes something is, where memory can be missing, one that Redis then refuses: see <see cref="EngineScripts.Publish"/>. Removals need none.
/// </remarks>
internal static class MapScripts
{
    /// <summary>The number of arguments that all have.</summary>
    public const int CommonArguments = 8;

    // ARGV: key, rank, what follows the offset in a value, body, body for subscribers or nothing, whether a delta is wanted, 'n' or 'e' for a condition or
    // nothing, whether the condition's refusal prolongs the key, version or nothing, its epoch, ttl of the result.
    // Answers: outcome, when the map has to be looked after first (8 bytes, 0: no sooner than known), place.
    public static (RedisScript Alone, RedisScript InCluster) Publish { get; } = Both(Begin + PublishText);

    // ARGV: key, tags or nothing for those of the value, ttl of the result. Answers as above.
    public static (RedisScript Alone, RedisScript InCluster) Remove { get; } = Both(BeginOfOld + RemoveText);

    // ARGV: how many keys at most. Answers: when the next key expires, 0: none does.
    public static (RedisScript Alone, RedisScript InCluster) Expire { get; } = Both(BeginOfOld + ExpireText);

    // Answers: nothing.
    public static (RedisScript Alone, RedisScript InCluster) Clear { get; } = Both(BeginOfOld + ClearText);

    // ARGV: 'k' for one key, then the key; or 'p', the bound that the page begins at, whether it goes down, how many. Answers: offset, epoch, keys, values.
    public static RedisScript ReadState { get; } = new(EngineScripts.Plain + Begin + ReadStateText);

    // ARGV: how many, first and last offset, XRANGE or XREVRANGE. Answers: offset, epoch, entries.
    public static RedisScript ReadStream { get; } = new(EngineScripts.Plain + Begin + ReadStreamText);

    // KEYS: next ends. ARGV: how many, the time that a node has for them. Answers: the end of that time, channels.
    public static RedisScript Claim { get; } = new("""
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
        for _, channel in ipairs(due) do redis.call('ZADD', KEYS[1], now + ARGV[2], channel) end
        return { now + ARGV[2], due }
        """);

    // KEYS: next ends. ARGV: channel, the end of the time that the node had, when the next key expires. Another time means that somebody has published since.
    public static RedisScript Settle { get; } = new("""
        local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
        if score and tonumber(score) == tonumber(ARGV[2]) then
          if ARGV[3] == '0' then redis.call('ZREM', KEYS[1], ARGV[1]) else redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1]) end
        end
        return 1
        """);

    private const string Lives = """
        local meta = redis.call('HMGET', KEYS[2], 'o', 'e', 'k')
        local epoch, offset = meta[2], tonumber(meta[1] or '0')
        local size, stream_ttl, meta_ttl, key_ttl = ARGV[4], ARGV[5], ARGV[6], ARGV[8]
        local function place()
          return struct.pack('>I8', offset) .. string.char(#epoch) .. epoch
        end
        local function now()
          local time = redis.call('TIME')
          return time[1] * 1000 + math.floor(time[2] / 1000)
        end
        local function result(outcome, due)
          return outcome .. struct.pack('>I8', due or 0) .. place()
        end
        local function keep()
          local command, life = 'PEXPIRE', meta_ttl
          if life == '0' then
            life = ARGV[7]
            if redis.call('EXISTS', KEYS[3]) == 1 then command, life = 'PERSIST', nil end
          end
          for i = 2, 6 do
            if life then redis.call(command, KEYS[i], life) else redis.call(command, KEYS[i]) end
          end
        end
        local function repeated()
          local first = KEYS[7] and redis.call('GET', KEYS[7])
          return first and first:sub(10) == epoch and '1' .. struct.pack('>I8', 0) .. first
        end
        local function announce(body, previous)
          local content = previous and struct.pack('>I4', #previous) .. previous .. body or body
          if size == '0' then
            publish(ARGV[2], ARGV[1] .. (previous and '\8' or '\1') .. content)
            return
          end
          redis.call('XADD', KEYS[1], 'MAXLEN', size, string.format('%.0f-0', offset), 'd', body)
          redis.call('PEXPIRE', KEYS[1], stream_ttl)
          publish(ARGV[2], ARGV[1] .. (previous and '\3' or '\2') .. place() .. content)
        end
        local function remove(key, known, tags)
          redis.call('HDEL', KEYS[3], key)
          redis.call('ZREM', KEYS[4], known:sub(1, 8) .. key)
          redis.call('ZREM', KEYS[5], key)
          redis.call('HDEL', KEYS[6], key)
          if size ~= '0' then offset = redis.call('HINCRBY', KEYS[2], 'o', 1) end
          if not tags then
            local start, length = struct.unpack('>I4I4', known, 18)
            tags = known:sub(26 + start, 25 + start + length)
          end
          local flags = #tags > 0 and '\10' or '\8'
          announce('\1' .. flags .. tags .. struct.pack('>I4', #key) .. key .. '\1' .. struct.pack('>I8I8', 0, now()) .. struct.pack('>I4', 0))
        end

        """;

    // A map without an epoch has no state: remains of one would have other offsets.
    private const string Begin = Lives + """
        if not epoch then
          epoch = ARGV[3]
          redis.call('HSET', KEYS[2], 'o', '0', 'e', epoch)
          redis.call('HDEL', KEYS[2], 'v', 'w', 'k')
          redis.call('DEL', KEYS[1], KEYS[3], KEYS[4], KEYS[5], KEYS[6])
          offset = 0
        end

        """;

    private const string BeginOfOld = Lives + """
        if not epoch then epoch = '' end

        """;

    // A map that has no key to expire, or whose first one is overdue, is not known to those who look after expiry. What the stream is kept by is noted for them.
    private const string PublishText = """
        local key = ARGV[9]
        local function expire_later()
          if key_ttl == '0' then
            redis.call('ZREM', KEYS[5], key)
            return 0
          end
          local time = now()
          local due, first = time + key_ttl, redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')[2]
          redis.call('ZADD', KEYS[5], due, key)
          if first and tonumber(first) < time - 10000 then return tonumber(first) end
          return (not first or tonumber(first) > due) and due or 0
        end
        local before = repeated()
        if before then return before end
        local known = redis.call('HGET', KEYS[3], key)
        if known and ARGV[17] ~= '' then
          local version = redis.call('HGET', KEYS[6], key)
          if version and ARGV[17] <= version:sub(1, 20) and (ARGV[18] == '' or ARGV[18] == version:sub(21)) then
            keep()
            return result('2')
          end
        end
        if known and ARGV[15] == 'n' then
          local due = ARGV[16] == '1' and expire_later() or 0
          keep()
          return result('3', due)
        end
        if not known and ARGV[15] == 'e' then
          keep()
          return result('4')
        end
        local kept = size .. ':' .. stream_ttl .. ':' .. meta_ttl
        if meta[3] ~= kept then redis.call('HSET', KEYS[2], 'k', kept) end
        if size ~= '0' then offset = redis.call('HINCRBY', KEYS[2], 'o', 1) end
        redis.call('HSET', KEYS[3], key, ARGV[10] .. struct.pack('>I8', size ~= '0' and offset or 0) .. ARGV[11] .. ARGV[12])
        if not known or known:sub(1, 8) ~= ARGV[10] then
          if known then redis.call('ZREM', KEYS[4], known:sub(1, 8) .. key) end
          redis.call('ZADD', KEYS[4], 0, ARGV[10] .. key)
        end
        if ARGV[17] ~= '' then redis.call('HSET', KEYS[6], key, ARGV[17] .. ARGV[18]) end
        local due = expire_later()
        keep()
        local hasOwn = ARGV[13] ~= ''
        announce(hasOwn and ARGV[13] or ARGV[12], not hasOwn and ARGV[14] == '1' and known and known:byte(17) == 0 and known:sub(26) or nil)
        if KEYS[7] then redis.call('SET', KEYS[7], place(), 'PX', ARGV[19]) end
        return result('0', due)
        """;

    private const string RemoveText = """
        local before = repeated()
        if before then return before end
        local known = redis.call('HGET', KEYS[3], ARGV[9])
        if epoch == '' or not known then return result('4') end
        remove(ARGV[9], known, ARGV[10] ~= '' and ARGV[10] or nil)
        keep()
        if KEYS[7] then redis.call('SET', KEYS[7], place(), 'PX', ARGV[11]) end
        return result('0')
        """;

    // Without the note nothing says how a removal is to be kept: it is not, as in a map without a stream.
    private const string ExpireText = """
        size, stream_ttl, meta_ttl = string.match(meta[3] or '0:0:0', '^(%d+):(%d+):(%d+)$')
        for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', now(), 'LIMIT', 0, ARGV[9])) do
          local known = redis.call('HGET', KEYS[3], key)
          if known then remove(key, known) else redis.call('ZREM', KEYS[5], key) end
        end
        if epoch ~= '' then keep() end
        return tonumber(redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')[2] or '0')
        """;

    private const string ClearText = """
        if epoch == '' then return 0 end
        redis.call('HSET', KEYS[2], 'o', '0', 'e', ARGV[3])
        redis.call('HDEL', KEYS[2], 'v', 'w', 'k')
        redis.call('DEL', KEYS[1], KEYS[3], KEYS[4], KEYS[5], KEYS[6])
        epoch, offset = ARGV[3], 0
        keep()
        publish(ARGV[2], ARGV[1] .. '\9' .. place())
        return 1
        """;

    private const string ReadStateText = """
        keep()
        local keys, values = {}, {}
        if ARGV[9] == 'k' then
          keys[1] = ARGV[10]
        elseif ARGV[12] ~= '0' then
          local members
          if ARGV[11] == '1' then
            members = redis.call('ZREVRANGEBYLEX', KEYS[4], ARGV[10], '-', 'LIMIT', 0, ARGV[12])
          else
            members = redis.call('ZRANGEBYLEX', KEYS[4], ARGV[10], '+', 'LIMIT', 0, ARGV[12])
          end
          for i, member in ipairs(members) do keys[i] = member:sub(9) end
        end
        if #keys > 0 then values = redis.call('HMGET', KEYS[3], unpack(keys)) end
        return { string.format('%.0f', offset), epoch, keys, values }
        """;

    private const string ReadStreamText = """
        keep()
        local entries = {}
        if ARGV[9] ~= '0' then entries = redis.call(ARGV[12], KEYS[1], ARGV[10], ARGV[11], 'COUNT', ARGV[9]) end
        return { string.format('%.0f', offset), epoch, entries }
        """;

    private static (RedisScript Alone, RedisScript InCluster) Both(string text) => (new(EngineScripts.Plain + text), new(EngineScripts.InCluster + text));
}

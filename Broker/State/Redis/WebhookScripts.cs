using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>Scripts of the webhooks. The order of keys and values is given above each text.</summary>
internal static class WebhookScripts
{
    // KEYS: terms, progress, ids, the owner's ids. ARGV: most of an owner, most in all, id, number of the terms' values, these, the progress's.
    public static RedisScript Add { get; } = new("""
        if redis.call('SCARD', KEYS[4]) >= tonumber(ARGV[1]) or redis.call('SCARD', KEYS[3]) >= tonumber(ARGV[2]) then return 0 end
        local last = 4 + tonumber(ARGV[4])
        redis.call('SADD', KEYS[3], ARGV[3])
        redis.call('SADD', KEYS[4], ARGV[3])
        redis.call('HSET', KEYS[2], unpack(ARGV, last + 1))
        redis.call('HSET', KEYS[1], unpack(ARGV, 5, last))
        return 1
        """);

    // KEYS: terms and progress of each. Answers the values of both for each.
    public static RedisScript Read { get; } = new("""
        local found = {}
        for i = 1, #KEYS, 2 do
          found[#found + 1] = redis.call('HMGET', KEYS[i], 'owner', 'channel', 'url', 'secret', 'created', 'token_key', 'token_issued')
          found[#found + 1] = redis.call('HMGET', KEYS[i + 1], 'epoch', 'offset', 'failing', 'fault', 'paused_by', 'paused_at')
        end
        return found
        """);

    // KEYS: terms, progress, ids, the owner's ids. ARGV: owner, id.
    public static RedisScript Remove { get; } = new(IsOwners + """
        redis.call('SREM', KEYS[3], ARGV[2])
        redis.call('SREM', KEYS[4], ARGV[2])
        redis.call('DEL', KEYS[2])
        return redis.call('DEL', KEYS[1])
        """);

    // KEYS: terms. ARGV: owner, secret.
    public static RedisScript SetSecret { get; } = new(IsOwners + """
        redis.call('HSET', KEYS[1], 'secret', ARGV[2])
        return 1
        """);

    // KEYS: terms, progress. ARGV: owner, the token's key, when it was issued. The terms last: their change is heard.
    public static RedisScript Resume { get; } = new(IsOwners + """
        redis.call('HSET', KEYS[2], 'failing', '0', 'fault', '', 'paused_by', '', 'paused_at', '0')
        redis.call('HSET', KEYS[1], 'token_key', ARGV[2], 'token_issued', ARGV[3])
        return 1
        """);

    // KEYS: leases, ids. ARGV: node, life in ms, shares. Answers: the fair number, then share and fence of each lease that the node holds. A lease that has
    // ended, but that nobody has taken, is its node's as before.
    public static RedisScript RenewLeases { get; } = new(ReadLease + """
        if redis.call('EXISTS', KEYS[2]) == 0 then return { 0 } end
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local ends = string.format('%.0f', now + ARGV[2])
        redis.call('HSET', KEYS[1], 'node:' .. ARGV[1], ends)
        local all = redis.call('HGETALL', KEYS[1])
        local values, nodes = {}, 0
        for i = 1, #all, 2 do
          values[all[i]] = all[i + 1]
          if string.sub(all[i], 1, 5) == 'node:' then
            if tonumber(all[i + 1]) > now then nodes = nodes + 1 else redis.call('HDEL', KEYS[1], all[i]) end
          end
        end
        local fair = math.ceil(ARGV[3] / nodes)
        local answer, free = { fair }, {}
        local function hold(share, fence)
          redis.call('HSET', KEYS[1], share, ends .. ' ' .. fence .. ' ' .. ARGV[1])
          answer[#answer + 1] = share
          answer[#answer + 1] = tonumber(fence)
        end
        for share = 0, ARGV[3] - 1 do
          local ended, fence, node = read_lease(values[tostring(share)])
          if node == ARGV[1] then hold(share, fence)
          elseif not ended or tonumber(ended) <= now then free[#free + 1] = share end
        end
        for i = 1, #free do
          if #answer > 2 * fair then break end
          hold(free[i], redis.call('HINCRBY', KEYS[1], 'fence', 1))
        end
        return answer
        """);

    // KEYS: leases. ARGV: node, 1 if it leaves, shares.
    public static RedisScript ReleaseLeases { get; } = new(ReadLease + """
        for i = 3, #ARGV do
          local _, _, node = read_lease(redis.call('HGET', KEYS[1], ARGV[i]))
          if node == ARGV[1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
        end
        if ARGV[2] == '1' then redis.call('HDEL', KEYS[1], 'node:' .. ARGV[1]) end
        return 1
        """);

    // KEYS: leases, terms, progress. ARGV: node, share, fence, the progress's fields and values.
    public static RedisScript Save { get; } = new(ReadLease + """
        local _, fence, node = read_lease(redis.call('HGET', KEYS[1], ARGV[2]))
        if node ~= ARGV[1] or fence ~= ARGV[3] or redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
        redis.call('HSET', KEYS[3], unpack(ARGV, 4))
        return 1
        """);

    private const string IsOwners = "if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end\n";

    // A lease is "END FENCE NODE", its end in ms.
    private const string ReadLease = """
        local function read_lease(value)
          return string.match(value or '', '^(%d+) (%d+) (.+)$')
        end

        """;
}

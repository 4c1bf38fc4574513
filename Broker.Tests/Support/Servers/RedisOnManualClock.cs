using System.Reflection;
using ClawEvents.Broker.State;
using ClawEvents.Broker.State.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A store in Redis whose keys end by a clock moved by hand.</summary>
/// <remarks>
/// Redis has the system's clock. So before each question to the store every key that ends is given a day more, once, and its end is kept
/// beside it; one whose end has come by the manual clock is deleted.
/// </remarks>
#pragma warning disable CA1852 // The proxy derives from it.
internal class RedisOnManualClock : DispatchProxy
#pragma warning restore CA1852
{
    // ARGV: the times of the last question and of this one, in milliseconds of the manual clock. New keys were written at that question; lifetimes are
    // whole seconds, of which a part has passed on the system's clock.
    private const string EndKeys = """
        local day = 86400000
        for _, key in ipairs(redis.call('KEYS', '*')) do
          local life = redis.call('PTTL', key)
          if life > 0 and life < day then
            redis.call('HSET', 'ends', key, ARGV[1] + math.ceil(life / 1000) * 1000)
            redis.call('PEXPIRE', key, life + day)
          end
          local ends = redis.call('HGET', 'ends', key)
          if ends and tonumber(ends) <= tonumber(ARGV[2]) then redis.call('DEL', key) end
        end
        """;

    private RedisStateStore _store = null!;
    private IDatabase _keys = null!;
    private TimeProvider _time = null!;
    private long _askedAt;

    internal interface IClosableStore : IStateStore, IAsyncDisposable;

    public static IStateStore Create(RedisStateStore store, IDatabase keys, TimeProvider time)
    {
        var clocked = DispatchProxy.Create<IClosableStore, RedisOnManualClock>();
        var self = (RedisOnManualClock)clocked;
        (self._store, self._keys, self._time) = (store, keys, time);
        self._askedAt = self.Now;
        return clocked;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var answer = targetMethod!.ReturnType;
#pragma warning disable CA2012 // It is returned, in a box.
        return answer == typeof(ValueTask) ? AskAsync(targetMethod, args)
            : answer.IsGenericType ? Typed(answer.GenericTypeArguments[0]).Invoke(this, [targetMethod, args])
            : targetMethod.Invoke(_store, args);
#pragma warning restore CA2012
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static MethodInfo Typed(Type answer) =>
        typeof(RedisOnManualClock).GetMethod(nameof(AskTypedAsync), BindingFlags.NonPublic | BindingFlags.Instance)!.MakeGenericMethod(answer);

    private async ValueTask AskAsync(MethodInfo member, object?[]? args)
    {
        await EndKeysAsync();
        await (ValueTask)member.Invoke(_store, args)!;
    }

    private async ValueTask<T> AskTypedAsync<T>(MethodInfo member, object?[]? args)
    {
        await EndKeysAsync();
        return await (ValueTask<T>)member.Invoke(_store, args)!;
    }

    private async Task EndKeysAsync()
    {
        var now = Now;
        await _keys.ScriptEvaluateAsync(EndKeys, [], [Interlocked.Exchange(ref _askedAt, now), now]).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }
}

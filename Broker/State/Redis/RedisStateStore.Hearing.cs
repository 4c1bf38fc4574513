namespace ClawEvents.Broker.State.Redis;

// What is kept in memory, and what becomes of it when it changes.
internal sealed partial class RedisStateStore : IHearingStore
{
    public event Action<HeardChange>? Heard;

    public bool HearsAll => _feed.Continuity != 0;

    public string? PeekKeyHash(string principal) => _keys.Peek(principal);

    private void Hear(string key)
    {
        var prefix = _redis.KeyPrefix;
        if (!key.StartsWith(prefix, StringComparison.Ordinal) || !RedisKeys.TryReadChange(key[prefix.Length..], out var change))
        {
            return;
        }

        // As it was known before it is forgotten, and told of after that.
        var known = change.Kind is HeardKind.KeyHash ? _keys.Peek(change.Principal) : null;
        Forget(change);
        Heard?.Invoke(change with { KnownHash = known });
    }

    private void Forget(in HeardChange change)
    {
        switch (change.Kind)
        {
            case HeardKind.Lock:
                _access.ForgetLock(change.Channel!);
                break;
            case HeardKind.Grants:
                _access.ForgetGrants(change.Channel!);
                break;
            case HeardKind.Advertisement:
                _advertisements.Forget(change.Channel!);
                break;
            case HeardKind.AdvertisedList:
                _advertisements.ForgetList();
                break;
            default:
                _keys.Forget(change.Principal);
                break;
        }
    }

    // After a failover the connection before may have led to the old primary, which hears of the new one's changes later than we do, or never.
    private void ForgetAll()
    {
        _access.ForgetAll();
        _keys.ForgetAll();
        _advertisements.ForgetAll();
    }
}

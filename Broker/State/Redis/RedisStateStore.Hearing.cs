namespace ClawEvents.Broker.State.Redis;

// Invalidation of cached values, and of lists.
internal sealed partial class RedisStateStore : IHearingStore
{
    public event Action<HeardChange>? Heard;

    public long Continuity => _feed.Continuity;

    private void OnKeyChanged(string key)
    {
        var prefix = _redis.KeyPrefix;
        if (!key.StartsWith(prefix, StringComparison.Ordinal) || !RedisKeys.TryReadChange(key[prefix.Length..], out var change))
        {
            return;
        }

        Forget(change);
        Heard?.Invoke(change);
    }

    private void Forget(in HeardChange change)
    {
        switch (change.Kind)
        {
            case HeardKind.Lock:
                _access.ForgetLock(change.Channel!);
                _heardLocks.Add(change.Channel!);
                break;
            case HeardKind.Grants:
                _access.ForgetGrants(change.Channel!);
                break;
            case HeardKind.Advertisement:
                _advertisements.Forget(change.Channel!);
                _heardAdvertisements.Add(change.Channel!);
                break;
            case HeardKind.AdvertisedList:
                _advertisements.ForgetList();
                break;
            case HeardKind.Webhook:
                _webhooks.OnChanged(change.Webhook);
                break;
            case HeardKind.Senders:
                // Never cached here.
                break;
            default:
                _keys.Forget(change.Principal);
                break;
        }
    }

    // After a failover, the old connection may have led to the old primary, which gets the new one's changes later than we do, or never.
    private void ForgetAll()
    {
        _access.ForgetAll();
        _keys.ForgetAll();
        _advertisements.ForgetAll();
    }
}

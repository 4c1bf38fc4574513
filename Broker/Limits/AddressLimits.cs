namespace ClawEvents.Broker.Limits;

/// <summary>The limits of <see cref="AddressRules"/>, as far as each address has used them.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="hits">Told of each refusal.</param>
internal sealed class AddressLimits(AddressRules rules, TimeProvider time, LimitHits hits)
{
    private readonly AddressCounts _open = new(rules.MaxConnections);
    private readonly AddressBuckets _connections = new(rules.Connections, time);

    public AddressBuckets AnonymousPublishes { get; } = new(rules.AnonymousPublishes, time, () => hits.Add(Limit.AnonymousPublishesOfAddress));

    public AddressBuckets SignIns { get; } = new(rules.SignIns, time, () => hits.Add(Limit.SignInsOfAddress));

    public AddressBuckets AccessRequests { get; } = new(rules.AccessRequests, time, () => hits.Add(Limit.AccessRequestsOfAddress));

    public AddressBuckets Searches { get; } = new(rules.Searches, time, () => hits.Add(Limit.SearchesOfAddress));

    /// <summary>Changes the rates. The number of open connections keeps its limit: without one they are not counted.</summary>
    public void ApplySettings(AddressRules fresh)
    {
        _connections.ApplySettings(fresh.Connections);
        AnonymousPublishes.ApplySettings(fresh.AnonymousPublishes);
        SignIns.ApplySettings(fresh.SignIns);
        AccessRequests.ApplySettings(fresh.AccessRequests);
        Searches.ApplySettings(fresh.Searches);
    }

    /// <summary>Counts a connection, which gives its place back with <see cref="LeaveConnection"/>.</summary>
    /// <remarks>
    /// This machine is exempt: its clients are its operator's, or those of a proxy that is not in <c>TrustedProxies</c>, whose addresses are unknown.
    /// </remarks>
    public bool TryEnterConnection(AddressKey address)
    {
        if (address.IsThisMachine || (_connections.TryTake(address) && _open.TryEnter(address)))
        {
            return true;
        }

        hits.Add(Limit.ConnectionsOfAddress);
        return false;
    }

    public void LeaveConnection(AddressKey address)
    {
        if (!address.IsThisMachine)
        {
            _open.Leave(address);
        }
    }
}

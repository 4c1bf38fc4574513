namespace ClawEvents.Broker.Identity.KeySets;

/// <summary>Key sets by their address, up to a limit: the least recently used one makes room.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RecentKeySets(int limit)
{
    private readonly Dictionary<Uri, PublishedKeys> _sets = [];

    // The most recent use is at the end.
    private readonly List<Uri> _uses = [];

    /// <returns>The set of this address; null: not kept.</returns>
    public PublishedKeys? Find(Uri address)
    {
        if (!_sets.TryGetValue(address, out var keys))
        {
            return null;
        }

        // Nearly always the last one already.
        if (_uses[^1] != address)
        {
            _uses.Remove(address);
            _uses.Add(address);
        }

        return keys;
    }

    /// <param name="address">One that is not there yet.</param>
    public PublishedKeys Add(Uri address, PublishedKeys keys)
    {
        if (_sets.Count == limit)
        {
            Remove(_uses[0]);
        }

        _uses.Add(address);
        _sets.Add(address, keys);
        return keys;
    }

    /// <returns>False when no set of this address is kept.</returns>
    public bool Remove(Uri address) => _sets.Remove(address) && _uses.Remove(address);
}

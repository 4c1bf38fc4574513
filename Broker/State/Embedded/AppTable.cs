using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>All apps in memory, by name and by owner.</summary>
/// <remarks>Thread-safe. Changes take a gate, so that the two agree; readers take none.</remarks>
internal sealed class AppTable
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, AppRecord> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableList<AppRecord>> _byOwner = new(StringComparer.Ordinal);

    public AppRecord? Get(string name) => _byName.GetValueOrDefault(name);

    /// <returns>Newest first.</returns>
    public IReadOnlyList<AppRecord> OfOwner(string owner) =>
        [.. _byOwner.GetValueOrDefault(owner, []).OrderByDescending(app => app.CreatedAt).ThenBy(app => app.Name, StringComparer.Ordinal)];

    /// <returns>False when the name is taken.</returns>
    public bool TryAdd(AppRecord app)
    {
        lock (_gate)
        {
            if (!_byName.TryAdd(app.Name, app))
            {
                return false;
            }

            _byOwner.AddOrUpdate(app.Owner, [app], (_, apps) => apps.Add(app));
            return true;
        }
    }

    /// <returns>False when there is no such app of this owner.</returns>
    public bool TryRemove(string name, string owner)
    {
        lock (_gate)
        {
            if (!_byName.TryGetValue(name, out var app) || app.Owner != owner)
            {
                return false;
            }

            _byName.TryRemove(name, out _);
            var rest = _byOwner[owner].Remove(app);
            _byOwner[owner] = rest;
            if (rest.IsEmpty)
            {
                _byOwner.TryRemove(owner, out _);
            }

            return true;
        }
    }
}

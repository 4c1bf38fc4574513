namespace ClawEvents.Broker.Webhooks;

/// <summary>What a node has to look at again, until it does: webhooks that were changed, its leases, or everything.</summary>
/// <param name="work">Looks at it; runs as long as there is something, and never twice at the same time.</param>
/// <remarks>Thread-safe. Adding does not wait.</remarks>
internal sealed class WebhookChanges(Func<Task> work)
{
    // More ids than that are not noted: everything is read again.
    private const int MaxIds = 1_000;

    private readonly Lock _gate = new();

    // Under the gate.
    private HashSet<string> _ids = [];
    private bool _renews;
    private bool _reloads;
    private bool _isWorking;
    private bool _hasEnded;

    /// <summary>The work that runs, or was last.</summary>
    public Task Working { get; private set; } = Task.CompletedTask;

    /// <summary>Adds a webhook.</summary>
    public void Add(string id) => Add(() =>
    {
        if (_ids.Count < MaxIds)
        {
            _ids.Add(id);
        }
        else
        {
            _renews = _reloads = true;
        }
    });

    /// <summary>Adds the leases.</summary>
    /// <param name="reloads">And everything.</param>
    public void AddLeases(bool reloads) => Add(() =>
    {
        _renews = true;
        _reloads |= reloads;
    });

    /// <summary>Takes what there is. Called by the work.</summary>
    /// <returns>False when there is nothing: the work is over.</returns>
    public bool TryTake(out Changes changes)
    {
        lock (_gate)
        {
            changes = new(_ids, _renews, _reloads);
            (_ids, _renews, _reloads) = ([], false, false);
            return _isWorking = (changes.Ids.Count > 0 || changes.Renews) && !_hasEnded;
        }
    }

    /// <summary>Nothing is looked at from here on; what runs may finish.</summary>
    public void End()
    {
        lock (_gate)
        {
            _hasEnded = true;
        }
    }

    private void Add(Action add)
    {
        lock (_gate)
        {
            add();
            if (!_isWorking && !_hasEnded)
            {
                _isWorking = true;
                Working = Task.Run(work);
            }
        }
    }

    /// <param name="Ids">Webhooks.</param>
    /// <param name="Renews">The leases.</param>
    /// <param name="Reloads">Everything.</param>
    internal readonly record struct Changes(IReadOnlySet<string> Ids, bool Renews, bool Reloads);
}

using System.Collections.Concurrent;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Webhooks;

/// <summary>Runs a worker for each webhook of the shares that this node holds.</summary>
/// <remarks>
/// Without webhooks it does nothing but renew: one question every few seconds, and with a store of its own none at all. Changes are carried out by one task, one
/// after the other, so that a webhook never has two workers here.
/// </remarks>
internal sealed class WebhookService : IHostedService, IDisposable
{
    /// <summary>How long a lease lives: another node takes over after so long.</summary>
    public static readonly TimeSpan LeaseLife = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan RenewalInterval = TimeSpan.FromSeconds(3);

    // Two nodes' clocks and a late timer.
    private static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly WebhookServices _services;
    private readonly ILogger _logger;
    private readonly string _node;
    private readonly ConcurrentDictionary<string, WebhookWorker> _workers = new(StringComparer.Ordinal);
    private readonly WebhookChanges _changes;
    private readonly CancellationTokenSource _stop = new();

    // The working task's own.
    private Dictionary<int, WebhookLease> _leases = [];
    private long _continuity;

    // Read by the workers, too.
    private long _renewedAt;
    private ITimer? _timer;

    public WebhookService(WebhookServices services, NodeIdentity node, ILogger<WebhookService> logger)
    {
        (_services, _logger, _node, _changes) = (services, logger, node.Name, new(WorkAsync));
        services.Metrics.AddGauge("clawevents.webhooks", "{webhook}", "Webhooks that this node delivers to.", () => Count);
        services.Metrics.AddGauge("clawevents.webhooks.lag", "{publication}", "Publications that the receivers of these webhooks do not have yet.", () => _workers.Values.Sum(worker => worker.HasEnded ? 0 : worker.Lag));
    }

    /// <summary>Webhooks that this node delivers to.</summary>
    public int Count => _workers.Values.Count(worker => !worker.HasEnded);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_services.Options.IsOn)
        {
            _services.Store.Changed += _changes.Add;
            _timer = _services.Store.IsShared ? _services.Time.CreateTimer(_ => _changes.AddLeases(reloads: false), null, RenewalInterval, RenewalInterval) : null;
            _changes.AddLeases(reloads: true);
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_services.Options.IsOn)
        {
            return;
        }

        _services.Store.Changed -= _changes.Add;
        await (_timer?.DisposeAsync() ?? ValueTask.CompletedTask);
        _changes.End();
        await _stop.CancelAsync();
        await _changes.Working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await StopAllAsync(_ => true);
        if (_leases.Count > 0)
        {
            // Another node need not wait until the leases end; if the store is away, it does.
            await Unattended.RunAsync(() => _services.Store.ReleaseAsync(_node, [.. _leases.Keys], isLeaving: true), _logger, "release the webhooks");
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _changes.End();
        _stop.Cancel();
    }

    private async Task WorkAsync()
    {
        while (_changes.TryTake(out var changes))
        {
            if (!await Unattended.RunAsync(() => CarryOutAsync(changes), _logger, "start and stop webhooks"))
            {
                await Task.Delay(RetryDelay, _services.Time, _stop.Token);
                _changes.AddLeases(reloads: true);
            }
        }
    }

    private async ValueTask CarryOutAsync(WebhookChanges.Changes changes)
    {
        // A node that holds no share asks for some when the first webhook is there.
        if (changes.Renews || _leases.Count == 0)
        {
            await RenewAsync(changes.Reloads);
        }

        foreach (var id in changes.Ids.Where(id => _workers.ContainsKey(id) || _leases.ContainsKey(Webhook.ShareOf(id))))
        {
            await RefreshAsync(id, await _services.Store.GetAsync(id));
        }
    }

    private async ValueTask RenewAsync(bool reloads)
    {
        var (begun, continuity) = (_services.Time.GetTimestamp(), _services.Store.Continuity);
        var shares = await _services.Store.RenewLeasesAsync(_node, LeaseLife);
        Volatile.Write(ref _renewedAt, begun);
        var leases = shares.Held.Take(shares.Fair).ToDictionary(lease => lease.Share);
        var added = leases.Values.Where(lease => _leases.GetValueOrDefault(lease.Share) != lease).Select(lease => lease.Share).ToHashSet();
        _leases = leases;
        await StopAllAsync(worker => _leases.GetValueOrDefault(worker.Webhook.Share) != worker.Lease);
        if (shares.Held.Count > leases.Count)
        {
            await _services.Store.ReleaseAsync(_node, [.. shares.Held.Skip(shares.Fair).Select(lease => lease.Share)], isLeaving: false);
        }

        // Until all are loaded, they count as not loaded.
        var isCurrent = !reloads && continuity != 0 && continuity == _continuity;
        _continuity = 0;
        await LoadAsync(isCurrent ? added : [.. leases.Keys]);
        _continuity = continuity;
    }

    private async ValueTask LoadAsync(HashSet<int> shares)
    {
        if (shares.Count == 0)
        {
            return;
        }

        var webhooks = (await _services.Store.GetOfSharesAsync(shares)).ToDictionary(webhook => webhook.Id, StringComparer.Ordinal);
        await StopAllAsync(worker => shares.Contains(worker.Webhook.Share) && !webhooks.ContainsKey(worker.Webhook.Id));
        foreach (var (id, webhook) in webhooks)
        {
            await RefreshAsync(id, webhook);
        }
    }

    private async ValueTask RefreshAsync(string id, Webhook? webhook)
    {
        if (_workers.TryGetValue(id, out var worker))
        {
            if (!worker.HasEnded && webhook is not null && worker.Webhook.HasSameTerms(webhook))
            {
                worker.Wake();
                return;
            }

            await StopAsync(worker);
        }

        if (webhook is { Progress.PausedBy: null } && _leases.TryGetValue(webhook.Share, out var lease))
        {
            _workers[id] = new(webhook, lease, _services, HoldsLeases, _logger);
        }
    }

    private bool HoldsLeases() => !_services.Store.IsShared || _services.Time.GetElapsedTime(Volatile.Read(ref _renewedAt)) < LeaseLife - LeaseMargin;

    private async Task StopAllAsync(Func<WebhookWorker, bool> has) => await Task.WhenAll(_workers.Values.Where(has).Select(StopAsync));

    private async Task StopAsync(WebhookWorker worker)
    {
        await worker.DisposeAsync();
        _workers.TryRemove(KeyValuePair.Create(worker.Webhook.Id, worker));
    }
}

using ClawEvents.Broker.Clock;
using Microsoft.AspNetCore.Connections;

namespace ClawEvents.Broker.Connections;

/// <summary>Ends the wait for a request's head, so that a client that stops sending holds nothing for long. Starts immediately.</summary>
internal sealed class UpgradeDeadline : TimerNode
{
    private readonly ConnectionServices _services;
    private readonly ConnectionContext _context;

    public UpgradeDeadline(ConnectionServices services, ConnectionContext context)
    {
        _services = services;
        _context = context;
        services.Wheel.Schedule(this, services.Options.UpgradeTimeout);
    }

    public void Cancel() => _services.Wheel.Cancel(this);

    /// <inheritdoc/>
    public override void OnDue() => _context.Transport.Input.CancelPendingRead();
}

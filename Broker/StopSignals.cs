using System.Runtime.InteropServices;
using ClawEvents.Broker.Connections;
using Microsoft.Extensions.Options;

namespace ClawEvents.Broker;

/// <summary>SIGTERM, SIGINT and SIGQUIT: the first one drains the node and then ends the process, another one ends the drain's waits, a third one the wait for clients to go.</summary>
/// <remarks>Instead of the host's own handling, which ends the process without a drain.</remarks>
internal sealed class StopSignals(IHostApplicationLifetime host, Drain drain, ConnectionLimits limits, DrainOptions options, IOptions<HostOptions> hostOptions, Systemd systemd) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _count;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                OnSignal();
            }));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private void OnSignal()
    {
        switch (Interlocked.Increment(ref _count))
        {
            case 1:
                _ = StopAfterDrainAsync();
                break;
            case 2:
                drain.Hurry();
                break;
            default:
                drain.Abort();
                break;
        }
    }

    private async Task StopAfterDrainAsync()
    {
        systemd.Stop(limits.Open, options.Delay + options.Time + hostOptions.Value.ShutdownTimeout);
        try
        {
            await drain.Begin(endsProcess: true);
        }
        finally
        {
            // Whatever happens, the process ends.
            host.StopApplication();
        }
    }
}

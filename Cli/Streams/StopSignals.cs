using System.Runtime.InteropServices;

namespace ClawEvents.Cli.Streams;

/// <summary>Turns SIGINT and SIGTERM into a request to stop, and knows the exit code that belongs to them.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, 130)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, 143)),
    ];

    public CancellationToken Token => _stop.Token;

    /// <summary>128 plus the number of the first signal, as shells count; 0 before it.</summary>
    public int ExitCode { get; private set; }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext context, int exitCode)
    {
        // The runtime would end the process at once, without the goodbye.
        context.Cancel = true;
        if (ExitCode == 0)
        {
            ExitCode = exitCode;
        }
        _stop.Cancel();
    }
}

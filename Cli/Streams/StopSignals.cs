using System.Runtime.InteropServices;

namespace ClawEvents.Cli.Streams;

/// <summary>Turns SIGINT, SIGTERM and SIGHUP into a request to stop, and knows the exit code that belongs to them.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _insist = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Stop(context, 129)),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, 130)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, 143)),
    ];

    /// <summary>Cancelled by the first signal: come to an end.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Cancelled by the second one: at once.</summary>
    public CancellationToken Insist => _insist.Token;

    /// <summary>128 plus the number of the first signal, as shells count; 0 before it.</summary>
    public int ExitCode { get; private set; }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
        _stop.Dispose();
        _insist.Dispose();
    }

    private void Stop(PosixSignalContext context, int exitCode)
    {
        // The runtime would end the process at once, without the goodbye.
        context.Cancel = true;
        if (ExitCode != 0)
        {
            _insist.Cancel();
            return;
        }
        ExitCode = exitCode;
        _stop.Cancel();
    }
}

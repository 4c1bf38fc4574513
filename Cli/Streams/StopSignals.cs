using System.Runtime.InteropServices;

namespace ClawEvents.Cli.Streams;

/// <summary>Turns SIGINT, SIGTERM and SIGHUP into a request to stop, and keeps the matching exit code.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _insist = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => OnSignal(context, 129)),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnSignal(context, 130)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnSignal(context, 143)),
    ];

    /// <summary>Cancelled by the first signal: finish and exit.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Cancelled by the second signal: exit immediately.</summary>
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

    private void OnSignal(PosixSignalContext context, int exitCode)
    {
        // The runtime would end the process immediately, without a close frame.
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

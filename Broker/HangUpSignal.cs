using System.Runtime.InteropServices;

namespace ClawEvents.Broker;

/// <summary>Handles SIGHUP, also in a broker that was started with SIGHUP ignored, as <c>nohup</c> does.</summary>
internal static class HangUpSignal
{
    private const int Number = 1;
    private const nint DefaultAction = 0;

    /// <param name="handler">Runs on its own thread for each SIGHUP, which does not end the broker.</param>
    /// <returns>Handles the signal until it is disposed.</returns>
    public static PosixSignalRegistration Register(Action handler)
    {
        // .NET never replaces an inherited "ignore": without this line, the handler would not run under nohup.
        if (!OperatingSystem.IsWindows())
        {
            _ = SetAction(Number, DefaultAction);
        }

        return PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            handler();
        });
    }

    [DllImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SetAction(int signal, nint action);
}

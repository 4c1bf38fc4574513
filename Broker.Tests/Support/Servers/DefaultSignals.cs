using System.Diagnostics;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Starts programs with the default action for SIGHUP, SIGINT and SIGQUIT.</summary>
/// <remarks>A run under <c>nohup</c>, or in the background of a script, ignores these signals, and a program inherits that: what a
/// terminal does to it could not be tested. .NET has no way to change it for a child; GNU env has had one since coreutils 8.31.</remarks>
internal static class DefaultSignals
{
    private const string Option = "--default-signal=HUP,INT,QUIT";

    private static readonly Lazy<bool> Supported = new(IsSupported);

    public static ProcessStartInfo StartInfo(string file, IEnumerable<string> arguments)
    {
        // env would report a missing program by its exit code, where Process.Start throws.
        return Supported.Value && Exists(file)
            ? new ProcessStartInfo("env", [Option, file, .. arguments])
            : new ProcessStartInfo(file, arguments);
    }

    private static bool Exists(string file) => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, file)));

    // The env of macOS and BusyBox does not know the option: programs start there as they always did.
    private static bool IsSupported()
    {
        if (!Exists("env"))
        {
            return false;
        }

        using var env = Process.Start(new ProcessStartInfo("env", [Option, "true"]) { RedirectStandardError = true })!;
        env.WaitForExit();
        return env.ExitCode == 0;
    }
}

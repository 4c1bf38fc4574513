using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>The client as a program: the built one, or the published file that <c>CLAW_TEST_CLI</c> names.</summary>
internal static class CliProgram
{
    /// <summary>The environment variable that names a published file; docs/contributing/README.md.</summary>
    public const string Variable = "CLAW_TEST_CLI";

    /// <summary>What to run, before the arguments.</summary>
    public static readonly IReadOnlyList<string> Command = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file
        ? [Path.GetFullPath(file, RunningProcess.SolutionFolder)]
        : ["dotnet", Built];

    // Beside all that it needs: the folder of the tests lacks what ASP.NET has in its own.
    private static string Built =>
        Path.Combine(RunningProcess.SolutionFolder, "Cli", "bin", Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/'))!), Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "claw.events.dll");

    /// <summary>The same for a shell.</summary>
    public static string InShell => string.Join(' ', Command);
}

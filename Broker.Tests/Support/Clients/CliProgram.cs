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
        : ["dotnet", Path.Combine(AppContext.BaseDirectory, "claw.events.dll")];

    /// <summary>The same for a shell.</summary>
    public static string InShell => string.Join(' ', Command);
}

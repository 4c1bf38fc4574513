using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The broker as a program of its own: the built one, or the published file that <c>CLAW_TEST_BROKER</c> names.</summary>
internal static class BrokerProgram
{
    /// <summary>The environment variable that names a published file; docs/contributing/README.md.</summary>
    public const string Variable = "CLAW_TEST_BROKER";

    private static readonly string[] Built = ["dotnet", Path.Combine(AppContext.BaseDirectory, "clawevents-broker.dll")];

    private static readonly string[] Command = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file
        ? [Path.GetFullPath(file, RunningProcess.SolutionFolder)]
        : Built;

    private static (string Name, string Value) Transport => (nameof(Transport), $"{TestTransports.Default}");

    /// <summary>Starts it with these settings only.</summary>
    /// <param name="settings">Environment variables.</param>
    public static RunningProcess StartBare(string folder, string[] arguments, params (string Name, string Value)[] settings) =>
        RunningProcess.Start(Command[0], [.. Command[1..], .. arguments], folder, [Transport, .. settings]);

    /// <param name="folder">The working folder; the data folder is in it.</param>
    /// <param name="settings">Environment variables, besides a free port of the loopback address.</param>
    public static RunningProcess Start(string folder, string[] arguments, params (string Name, string Value)[] settings) =>
        StartBare(folder, arguments, WithDefaults(folder, settings));

    /// <summary>Starts the built one, even if the variable names a published file.</summary>
    public static RunningProcess StartBuilt(string folder) =>
        RunningProcess.Start(Built[0], Built[1..], folder, WithDefaults(folder, []));

    /// <summary>Starts it with SIGHUP ignored, as <c>nohup</c> does.</summary>
    public static RunningProcess StartIgnoringHangUps(string folder, params (string Name, string Value)[] settings) =>
        StartInShell("trap '' HUP", folder, settings);

    /// <summary>Starts it with a limit of descriptors, as <c>ulimit -n</c> sets it.</summary>
    public static RunningProcess StartWithDescriptors(string folder, int limit, params (string Name, string Value)[] settings) =>
        StartWithDescriptors(folder, limit, [], settings);

    /// <inheritdoc cref="StartWithDescriptors(string, int, ValueTuple{string, string}[])"/>
    public static RunningProcess StartWithDescriptors(string folder, int limit, string[] arguments, params (string Name, string Value)[] settings) =>
        StartInShell($"ulimit -n {limit}", folder, settings, arguments);

    /// <summary>The settings, and before them those of a test: they may replace these.</summary>
    public static (string Name, string Value)[] WithDefaults(string folder, (string Name, string Value)[] settings) =>
        [("PORT", "0"), ("CLAW_HOST", "127.0.0.1"), ("CLAW_DATA_DIR", Path.Combine(folder, "data")), Transport, .. settings];

    /// <summary>Reads up to the line that names an address, and returns it.</summary>
    public static async Task<Uri> ReadUrlAsync(this RunningProcess broker)
    {
        while (await broker.ReadLineAsync() is { } line)
        {
            if (Regex.Match(line, @"https?://127\.0\.0\.1:\d+") is { Success: true } url)
            {
                return new Uri(url.Value);
            }
        }

        throw new AssertionException(await broker.ReadErrorsAsync());
    }

    /// <summary>Reads up to a line that contains the text.</summary>
    public static async Task<string> ReadLineWithAsync(this RunningProcess broker, string text)
    {
        while (await broker.ReadLineAsync() is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new AssertionException($"The program ended without '{text}': {await broker.ReadErrorsAsync()}");
    }

    private static RunningProcess StartInShell(string before, string folder, (string Name, string Value)[] settings, params string[] arguments) =>
        RunningProcess.Start("/bin/sh", ["-c", $"{before}; exec \"$@\"", "sh", .. Command, .. arguments], folder, WithDefaults(folder, settings));
}

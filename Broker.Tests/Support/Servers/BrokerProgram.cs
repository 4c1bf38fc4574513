using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The built broker as a program of its own.</summary>
internal static class BrokerProgram
{
    /// <param name="folder">The working folder; the data folder is in it.</param>
    /// <param name="settings">Environment variables, besides a free port of the loopback address.</param>
    public static RunningProcess Start(string folder, string[] arguments, params (string Name, string Value)[] settings) => RunningProcess.Start(
        "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "clawevents-broker.dll"), .. arguments],
        folder,
        [("PORT", "0"), ("CLAW_HOST", "127.0.0.1"), ("CLAW_DATA_DIR", Path.Combine(folder, "data")), .. settings]);

    /// <summary>Starts it with SIGHUP ignored, as <c>nohup</c> does.</summary>
    public static RunningProcess StartIgnoringHangUps(string folder, params (string Name, string Value)[] settings) => RunningProcess.Start(
        "/bin/sh",
        ["-c", "trap '' HUP; exec dotnet \"$0\"", Path.Combine(AppContext.BaseDirectory, "clawevents-broker.dll")],
        folder,
        [("PORT", "0"), ("CLAW_HOST", "127.0.0.1"), ("CLAW_DATA_DIR", Path.Combine(folder, "data")), .. settings]);

    /// <summary>Starts it with a limit of descriptors, as <c>ulimit -n</c> sets it.</summary>
    public static RunningProcess StartWithDescriptors(string folder, int limit, params (string Name, string Value)[] settings) => RunningProcess.Start(
        "/bin/sh",
        ["-c", $"ulimit -n {limit}; exec dotnet \"$0\"", Path.Combine(AppContext.BaseDirectory, "clawevents-broker.dll")],
        folder,
        [("PORT", "0"), ("CLAW_HOST", "127.0.0.1"), ("CLAW_DATA_DIR", Path.Combine(folder, "data")), .. settings]);

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
}

using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>The official JavaScript client, from npm and unchanged, and the scripts that use it.</summary>
internal static class OfficialClient
{
    // Fixtures run in parallel, and npm cannot install into one folder twice.
    private static readonly Lazy<Task> Installed = new(InstallOnceAsync);

    public static string Folder { get; } = Path.Combine(RunningProcess.SolutionFolder, "Broker.Tests", "EndToEnd", "js");

    /// <summary>Installs it when it is not there. The test is ignored where Node.js is missing, unless that is the build server.</summary>
    public static Task InstallAsync() => Installed.Value;

    /// <summary>Runs <c>transports.mjs</c>: the client connects, subscribes, publishes, stays over several pings, and learns of its end.</summary>
    /// <param name="transport">The client's name of it.</param>
    /// <param name="encoding"><c>json</c> or <c>protobuf</c>.</param>
    /// <param name="more">The port to which emulated requests go; none: the same.</param>
    public static async Task AssertTransportAsync(string port, string transport, string encoding, params string[] more)
    {
        await using var script = RunningProcess.Start("node", ["transports.mjs", port, transport, encoding, .. more], Folder);

        var told = new List<string>();
        while (await script.ReadLineAsync() is { } line)
        {
            told.Add(line);
        }

        Assert.That(told, Is.EqualTo(new[]
        {
            $$$"""{"what":"connected","value":{"transport":"{{{transport}}}"}}""",
            $$$"""{"what":"own","value":{"over":"{{{transport}}}"}}""",
            """{"what":"other","value":"é\n"}""",
            """{"what":"refused","value":403}""",
            """{"what":"still","value":{"connects":1,"state":"connected"}}""",
            """{"what":"over","value":{"event":"connecting","code":3005}}""",
        }), await script.ReadErrorsAsync());
    }

    private static async Task InstallOnceAsync()
    {
        try
        {
            await using var node = RunningProcess.Start("node", ["--version"], Folder);
            await node.WaitForExitAsync();
        }
        catch (System.ComponentModel.Win32Exception) when (Environment.GetEnvironmentVariable("CI") is not "true")
        {
            Assert.Ignore("Node.js is not installed here.");
        }

        // As run.sh: npm writes this file when an installation is complete.
        var installed = Path.Combine(Folder, "node_modules", ".package-lock.json");
        if (!File.Exists(installed) || File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
        {
            await using var npm = RunningProcess.Start("npm", ["ci", "--no-audit", "--no-fund"], Folder);
            Assert.That(await npm.WaitForExitAsync(TimeSpan.FromMinutes(2)), Is.Zero, await npm.ReadErrorsAsync());
        }
    }
}

namespace ClawEvents.Broker.Tests.Support;

/// <summary>The official JavaScript client, from npm and unchanged, and the scripts that use it.</summary>
internal static class OfficialClient
{
    // Fixtures run at once, and npm does not like to install into one folder twice.
    private static readonly Lazy<Task> Installed = new(InstallOnceAsync);

    public static string Folder { get; } = Path.Combine(RunningProcess.SolutionFolder, "Broker.Tests", "EndToEnd", "js");

    /// <summary>Installs it when it is not there. The test is ignored where Node.js is missing, unless that is the build server.</summary>
    public static Task InstallAsync() => Installed.Value;

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

        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
        {
            await using var npm = RunningProcess.Start("npm", ["ci", "--no-audit", "--no-fund"], Folder);
            Assert.That(await npm.WaitForExitAsync(TimeSpan.FromMinutes(2)), Is.Zero, await npm.ReadErrorsAsync());
        }
    }
}

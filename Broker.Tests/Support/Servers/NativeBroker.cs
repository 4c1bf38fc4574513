namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The native broker as it ships: published once for all tests, or the file that <see cref="BrokerProgram.Variable"/> names.</summary>
/// <remarks>Publishing takes minutes; when nothing has changed since the last time, seconds.</remarks>
internal static class NativeBroker
{
    private static readonly TimeSpan PublishTime = TimeSpan.FromMinutes(10);

    private static readonly Lazy<Task<FileInfo>> Published = new(PublishAsync);

    private static string Artifacts => Path.Combine(RunningProcess.SolutionFolder, "artifacts", "native-test");

    public static Task<FileInfo> FileAsync() => Published.Value;

    /// <inheritdoc cref="BrokerProgram.Start"/>
    public static async Task<RunningProcess> StartAsync(string folder, string[] arguments, params (string Name, string Value)[] settings) =>
        RunningProcess.Start((await FileAsync()).FullName, arguments, folder, BrokerProgram.WithDefaults(folder, settings));

    private static async Task<FileInfo> PublishAsync()
    {
        if (Environment.GetEnvironmentVariable(BrokerProgram.Variable) is { Length: > 0 } file)
        {
            return new FileInfo(Path.GetFullPath(file, RunningProcess.SolutionFolder));
        }

        var output = Path.Combine(Artifacts, "out");
        if (Directory.Exists(output))
        {
            Directory.Delete(output, recursive: true);
        }

        // Folders of its own: a build of the solution for this machine goes on as it was. The other tests go first.
        await using var dotnet = RunningProcess.Start(
            "nice",
            ["dotnet", "publish", "Broker", "-c", "Release", "-r", "linux-x64", "--artifacts-path", Artifacts, "-o", output, "--nologo", "-p:NuGetAudit=false"],
            RunningProcess.SolutionFolder);
        var log = await dotnet.ReadToEndAsync(PublishTime);
        Assert.That(await dotnet.WaitForExitAsync(PublishTime), Is.Zero, log);
        Assert.That(log, Does.Not.Contain("warning"));
        return new FileInfo(Path.Combine(output, "clawevents-broker"));
    }
}

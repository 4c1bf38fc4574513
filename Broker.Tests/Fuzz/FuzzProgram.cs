using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using SharpFuzz;

namespace ClawEvents.Broker.Tests.Fuzz;

/// <summary>
/// <c>dotnet ClawEvents.Broker.Tests.dll TARGET|all SECONDS [FOLDER]</c> fuzzes; docs/contributing/fuzzing.md. A copy of the program runs each
/// target, next to a broker that SharpFuzz has instrumented.
/// </summary>
internal static class FuzzProgram
{
    private const string Runtimes = "runtimes";
    private const string LoopWord = "loop";
    private const string Instrumented = "clawevents-broker.dll";
    private const int Failed = 1;
    private const int Misuse = 64;

    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is [LoopWord, var name, var time, var corpus, var keeps])
        {
            // First of all: from here on the instrumented broker has a map to write to.
            var coverage = new FuzzCoverage();
            return RunLoop(FuzzTargets.All.Single(target => target.Name == name), coverage, int.Parse(time, CultureInfo.InvariantCulture), corpus, bool.Parse(keeps));
        }

        var targets = FuzzTargets.All.Where(target => arguments.Length is 2 or 3 && (arguments[0] == "all" || arguments[0] == target.Name)).ToList();
        if (targets.Count == 0 || !int.TryParse(arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            await Console.Error.WriteLineAsync($"usage: {string.Join('|', FuzzTargets.All.Select(target => target.Name))}|all SECONDS [FOLDER]");
            return Misuse;
        }

        return await RunAsync(targets, seconds, arguments.ElementAtOrDefault(2)) ? 0 : 1;
    }

    /// <summary>Fuzzes targets at the same time.</summary>
    /// <param name="corpora">A folder with one for each target, which gets the inputs that reach something new; null: the repository's, which stays as it is.</param>
    /// <returns>Whether every input was handled.</returns>
    private static async Task<bool> RunAsync(IEnumerable<FuzzTarget> targets, int seconds, string? corpora)
    {
        var program = Directory.CreateTempSubdirectory("clawevents-fuzz-");
        try
        {
            CopyProgram(program.FullName);
            var results = await Task.WhenAll(targets.Select(target => RunChildAsync(program.FullName, target.Name, seconds, corpora)));
            return results.All(code => code == 0);
        }
        finally
        {
            program.Delete(recursive: true);
        }
    }

    private static void CopyProgram(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(file => Path.GetExtension(file) is ".dll" or ".json"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        // Libraries of the system, such as libsodium.
        Directory.CreateSymbolicLink(Path.Combine(folder, Runtimes), Path.Combine(AppContext.BaseDirectory, Runtimes));

        Fuzzer.Instrument(Path.Combine(folder, Instrumented), type => type.StartsWith("ClawEvents.", StringComparison.Ordinal), Options.Value);
    }

    private static async Task<int> RunChildAsync(string folder, string name, int seconds, string? corpora)
    {
        var program = Path.Combine(folder, $"{typeof(FuzzProgram).Assembly.GetName().Name}.dll");
        string[] loop = [LoopWord, name, seconds.ToString(CultureInfo.InvariantCulture), Path.Combine(corpora ?? FuzzTarget.Corpora, name), (corpora is not null).ToString()];
        var start = new ProcessStartInfo("dotnet", ["exec", program, .. loop]) { WorkingDirectory = folder };

        // An input that makes the broker allocate more is a finding.
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x20000000";
        using var child = Process.Start(start)!;
        await child.WaitForExitAsync();
        if (child.ExitCode is not (0 or Failed))
        {
            var input = File.Exists(CurrentFile(folder, name)) ? await File.ReadAllBytesAsync(CurrentFile(folder, name)) : [];
            Console.WriteLine(FuzzLoop.Describe(name, input, "The process did not survive it: a stack overflow, or too much memory."));
        }

        return child.ExitCode;
    }

    private static string CurrentFile(string folder, string name) => Path.Combine(folder, $"{name}.current");

    private static int RunLoop(FuzzTarget target, FuzzCoverage coverage, int seconds, string folder, bool keeps)
    {
        using var current = File.OpenHandle(CurrentFile(Environment.CurrentDirectory, target.Name), FileMode.Create, FileAccess.Write, FileShare.Read);
        var loop = new FuzzLoop(target, coverage, Console.Out, current);
        var corpus = Directory.Exists(folder) ? Directory.GetFiles(folder).Select(File.ReadAllBytes).ToList() : [];
        var isHandled = loop.Run(corpus, TimeSpan.FromSeconds(seconds));
        if (keeps)
        {
            Directory.CreateDirectory(folder);
            loop.Found.ToList().ForEach(input => File.WriteAllBytes(Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..16]), input));
        }

        return isHandled ? 0 : Failed;
    }
}

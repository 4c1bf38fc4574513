using System.Diagnostics;
using System.Globalization;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Another program that a test starts, reads line by line, and ends. It does not outlive the test.</summary>
internal sealed class RunningProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private RunningProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Close();
    }

    /// <summary>The folder with the solution's file in it.</summary>
    public static string SolutionFolder { get; } = FindSolutionFolder();

    /// <param name="arguments">Passed as they are; no quoting needed.</param>
    /// <param name="settings">Environment variables; the test's own are kept otherwise.</param>
    public static RunningProcess Start(string file, IEnumerable<string> arguments, string folder, params (string Name, string Value)[] settings)
    {
        var start = DefaultSignals.StartInfo(file, arguments);
        start.WorkingDirectory = folder;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new RunningProcess(Process.Start(start)!);
    }

    /// <summary>Its output, to read less than a line.</summary>
    public StreamReader Output => _process.StandardOutput;

    /// <summary>The next line of its output; null at its end.</summary>
    public Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync().WaitAsync(RunningBroker.Patience);

    /// <summary>The rest of its output.</summary>
    public Task<string> ReadToEndAsync(TimeSpan? patience = null) => _process.StandardOutput.ReadToEndAsync().WaitAsync(patience ?? RunningBroker.Patience);

    /// <summary>All of its error output, once it has ended.</summary>
    public Task<string> ReadErrorsAsync() => _errors.WaitAsync(RunningBroker.Patience);

    public bool HasExited => _process.HasExited;

    public int Id => _process.Id;

    public async Task<int> WaitForExitAsync(TimeSpan? patience = null)
    {
        await _process.WaitForExitAsync().WaitAsync(patience ?? RunningBroker.Patience);
        return _process.ExitCode;
    }

    /// <summary>Sends it SIGTERM.</summary>
    public Task TerminateAsync() => SignalAsync("TERM");

    /// <param name="signal">Its name: <c>TERM</c>, <c>STOP</c>, <c>CONT</c>.</param>
    public async Task SignalAsync(string signal)
    {
        // .NET can only kill. The shell's own kill is there on every Unix.
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process.Id.ToString(CultureInfo.InvariantCulture)}"]);
        await kill.WaitForExitAsync().WaitAsync(RunningBroker.Patience);
        Assert.That(kill.ExitCode, Is.Zero);
    }

    /// <summary>Sends it SIGKILL, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(RunningBroker.Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static string FindSolutionFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ClawEvents.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests run outside of the solution's folder.");
        }

        return folder.FullName;
    }
}

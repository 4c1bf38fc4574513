using System.Diagnostics;
using System.Globalization;
using System.Text;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>The result of a finished run.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Error);

/// <summary><c>claw.events</c> as a process, with its own home and none of this process's settings.</summary>
internal sealed class CliProcess : IDisposable
{
    // Variables that would change the client's output or its connection to the server.
    private static readonly string[] Foreign =
        ["CLAW_API_URL", "CLAW_WS_URL", "CLAW_TOKEN", "CLAW_SSH_KEY", "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly SemaphoreSlim _errorGrew = new(0);

    private CliProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => CollectError(line.Data);
        process.Start();
        process.BeginErrorReadLine();
    }

    /// <summary>Starts it with pipes on all three streams; stdin is closed unless <paramref name="input"/> is given.</summary>
    public static CliProcess Start(CliHome home, IEnumerable<string> arguments, string? input = null)
    {
        var start = DefaultSignals.StartInfo(CliProgram.Command[0], [.. CliProgram.Command.Skip(1), .. arguments]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.StandardOutputEncoding = Encoding.UTF8;
        start.StandardErrorEncoding = Encoding.UTF8;
        start.Environment["HOME"] = home.Folder;
        foreach (var name in Foreign)
        {
            start.Environment.Remove(name);
        }
        foreach (var (name, value) in home.Variables)
        {
            start.Environment[name] = value;
        }
        var process = new CliProcess(new Process { StartInfo = start });
        process._process.StandardInput.Write(input);
        process._process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<CliResult> RunAsync(CliHome home, CancellationToken cancellation, params string[] arguments)
    {
        using var process = Start(home, arguments);
        return await process.WaitAsync(cancellation);
    }

    /// <summary>The next line of stdout; null at its end.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellation) =>
        await _process.StandardOutput.ReadLineAsync(cancellation);

    /// <summary>The next lines of stdout.</summary>
    public async Task<List<string?>> ReadLinesAsync(int count, CancellationToken cancellation)
    {
        var lines = new List<string?>();
        while (lines.Count < count)
        {
            lines.Add(await ReadLineAsync(cancellation));
        }
        return lines;
    }

    /// <summary>Waits until stderr holds <paramref name="text"/>.</summary>
    public async Task WaitForErrorAsync(string text, CancellationToken cancellation)
    {
        while (!ErrorSoFar().Contains(text, StringComparison.Ordinal))
        {
            await _errorGrew.WaitAsync(cancellation);
        }
    }

    /// <summary>Stops reading stdout, as <c>head</c> does when it has enough.</summary>
    public void CloseOutput() => _process.StandardOutput.Close();

    /// <summary>Sends a signal such as <c>INT</c>.</summary>
    public async Task SignalAsync(string name, CancellationToken cancellation)
    {
        var id = _process.Id.ToString(CultureInfo.InvariantCulture);
        using var kill = Process.Start("/bin/kill", [$"-{name}", id]);
        await kill.WaitForExitAsync(cancellation);
    }

    /// <summary>The exit code, of a process whose stdout is not read.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    /// <summary>Reads the rest of stdout and waits for the end.</summary>
    public async Task<CliResult> WaitAsync(CancellationToken cancellation)
    {
        var output = await _process.StandardOutput.ReadToEndAsync(cancellation);
        await _process.WaitForExitAsync(cancellation);
        return new CliResult(_process.ExitCode, output, ErrorSoFar());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        _process.Dispose();
        _errorGrew.Dispose();
    }

    private void CollectError(string? line)
    {
        if (line is null)
        {
            return;
        }
        lock (_error)
        {
            _error.Append(line).Append('\n');
        }
        _errorGrew.Release();
    }

    private string ErrorSoFar()
    {
        lock (_error)
        {
            return _error.ToString();
        }
    }
}

using System.ComponentModel;
using System.Diagnostics;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>How a run of ssh-keygen ended.</summary>
internal enum KeygenEnd
{
    Exited,

    /// <summary>It was killed after <see cref="SshKeygen.MaxRun"/>.</summary>
    TimedOut,

    /// <summary>There is no such program.</summary>
    NotStarted,
}

/// <summary>The result of a run of ssh-keygen.</summary>
/// <param name="ExitCode">0 unless it exited.</param>
/// <param name="Output">The first kilobyte it wrote.</param>
/// <param name="Errors">The first kilobyte of its standard error, or why it did not start.</param>
internal readonly record struct KeygenResult(KeygenEnd End, int ExitCode, string Output, string Errors);

/// <summary>Runs ssh-keygen: without a shell, without the broker's environment, for a limited time. Thread-safe.</summary>
/// <param name="program">A path, or a name to search for in <c>PATH</c> at each run: it may be installed at any time.</param>
/// <param name="time">Limits the run.</param>
internal sealed class SshKeygen(string program, TimeProvider time)
{
    public static readonly TimeSpan MaxRun = TimeSpan.FromSeconds(5);

    private const int MaxOutput = 1024;

    /// <param name="arguments">Passed on as they are, unquoted.</param>
    /// <param name="folder">The working folder.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="cancellation">Kills the program.</param>
    public async Task<KeygenResult> RunAsync(IEnumerable<string> arguments, string folder, ReadOnlyMemory<byte> input, CancellationToken cancellation)
    {
        if (FindProgram() is not { } path)
        {
            return new(KeygenEnd.NotStarted, 0, "", $"the program '{program}' was not found");
        }

        using var limit = new CancellationTokenSource(MaxRun, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var process = Process.Start(StartOf(path, arguments, folder))!;
            return await FinishAsync(process, input, either.Token);
        }
        catch (Win32Exception exception)
        {
            return new(KeygenEnd.NotStarted, 0, "", exception.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(KeygenEnd.TimedOut, 0, "", "");
        }
    }

    // The system's own search would prefer a file in the working folder to one in PATH.
    private string? FindProgram() =>
        program.Contains('/') ? (File.Exists(program) ? program : null)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(Path.IsPathRooted).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static ProcessStartInfo StartOf(string path, IEnumerable<string> arguments, string folder)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        return start;
    }

    private static async Task<KeygenResult> FinishAsync(Process process, ReadOnlyMemory<byte> input, CancellationToken cancellation)
    {
        try
        {
            var output = ReadAsync(process.StandardOutput, cancellation);
            var errors = ReadAsync(process.StandardError, cancellation);
            await WriteAsync(process.StandardInput.BaseStream, input, cancellation);
            await process.WaitForExitAsync(cancellation);
            return new(KeygenEnd.Exited, process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellation)
    {
        var text = new char[MaxOutput];
        return new string(text, 0, await reader.ReadBlockAsync(text, cancellation));
    }

    private static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> input, CancellationToken cancellation)
    {
        try
        {
            await using (stream)
            {
                await stream.WriteAsync(input, cancellation);
            }
        }
        catch (IOException)
        {
            // It ended before it had read its input: the files were enough, and its exit code says so.
        }
    }
}

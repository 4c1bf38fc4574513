using System.Text;

namespace ClawEvents.Broker.Identity.Ssh;

internal enum SignatureCheck
{
    /// <summary>The owner of the key has signed the text.</summary>
    Good,

    /// <summary>For another key, text or namespace, or not a signature.</summary>
    Bad,

    /// <summary>ssh-keygen is not installed.</summary>
    NoProgram,

    /// <summary>ssh-keygen took too long, or failed.</summary>
    Failed,

    /// <summary>Too many checks are running.</summary>
    Busy,
}

/// <summary>Checks OpenSSH signatures (SSHSIG) with <c>ssh-keygen -Y verify</c>, each in a temporary folder of its own.</summary>
/// <remarks>Thread-safe. At most <see cref="MaxRunning"/> checks run at a time; one that has waited for <see cref="MaxWait"/> is rejected as busy.</remarks>
internal sealed partial class SshSignatures(SshKeygen keygen, TimeProvider time, ILogger<SshSignatures> logger) : IDisposable
{
    /// <summary>The namespace that a signature has to be made for.</summary>
    public const string Namespace = "claw.events";

    /// <summary>In characters; the longest signature, of RSA with 16,384 bits, has 6 KB.</summary>
    public const int MaxSignatureLength = 16 * 1024;

    public const int MaxRunning = 4;

    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    // The name of the allowed signer. Not the agent's name: no text from a client may reach the syntax of the file.
    private const string Signer = "signer";

    private readonly SemaphoreSlim _turns = new(MaxRunning, MaxRunning);
    private int _hasWarned;

    /// <param name="message">The text that has to be signed.</param>
    /// <param name="signature">At most <see cref="MaxSignatureLength"/>, in armor.</param>
    public async Task<SignatureCheck> CheckAsync(SshPublicKey key, string message, string signature, CancellationToken cancellation)
    {
        if (!await TryWaitAsync(cancellation))
        {
            return SignatureCheck.Busy;
        }

        try
        {
            return ResultOf(await RunAsync($"{Signer} namespaces=\"{Namespace}\" {key}\n", message, $"{signature}\n", cancellation));
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async Task<KeygenResult> RunAsync(string allowedSigners, string message, string signature, CancellationToken cancellation)
    {
        // Created with mode 0700.
        var folder = Directory.CreateTempSubdirectory("clawevents-login-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "allowed_signers"), allowedSigners, cancellation);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "signature"), signature, cancellation);
            return await keygen.RunAsync(
                ["-Y", "verify", "-f", "allowed_signers", "-I", Signer, "-n", Namespace, "-s", "signature"], folder.FullName, Encoding.UTF8.GetBytes(message), cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<bool> TryWaitAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(MaxWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await _turns.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    // By its output and not by its exit code alone: 255 means a bad signature, and also a user that is missing in /etc/passwd.
    private SignatureCheck ResultOf(KeygenResult result)
    {
        switch (result)
        {
            case { End: KeygenEnd.NotStarted }:
                WarnOnce(result.Errors);
                return SignatureCheck.NoProgram;
            case { ExitCode: 0 } when result.Output.StartsWith($"Good \"{Namespace}\" signature for {Signer} ", StringComparison.Ordinal):
                return SignatureCheck.Good;
            case { ExitCode: 255 } when result.Output.StartsWith("Could not verify signature.", StringComparison.Ordinal):
                return SignatureCheck.Bad;
            default:
                Log.Failed(logger, result.End, result.ExitCode, result.Errors);
                return SignatureCheck.Failed;
        }
    }

    private void WarnOnce(string fault)
    {
        if (Interlocked.Exchange(ref _hasWarned, 1) == 0)
        {
            Log.NoProgram(logger, fault);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Sign-in with an SSH key is not possible: {Fault}. Install ssh-keygen (package openssh-client on Debian). This is logged once.")]
        public static partial void NoProgram(ILogger logger, string fault);

        [LoggerMessage(2, LogLevel.Warning, "ssh-keygen could not check a signature: {End}, exit code {ExitCode}. {Errors}")]
        public static partial void Failed(ILogger logger, KeygenEnd end, int exitCode, string errors);
    }
}

using System.Text;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>What became of checking a signature.</summary>
internal enum SignatureCheck
{
    /// <summary>The key's holder signed the text.</summary>
    Good,

    /// <summary>Another key, another text, another namespace, or no signature at all.</summary>
    Bad,

    /// <summary>ssh-keygen is not there.</summary>
    NoProgram,

    /// <summary>ssh-keygen took too long, or ended in a way it never should.</summary>
    Failed,

    /// <summary>Too many checks at once.</summary>
    Busy,
}

/// <summary>Checks OpenSSH signatures (SSHSIG) with <c>ssh-keygen -Y verify</c>, each in a folder of its own that is gone afterwards.</summary>
/// <remarks>Thread-safe. At most <see cref="MaxRunning"/> run at a time; one that has waited <see cref="MaxWait"/> for its turn is refused.</remarks>
internal sealed partial class SshSignatures(SshKeygen keygen, TimeProvider time, ILogger<SshSignatures> logger) : IDisposable
{
    /// <summary>What a signature has to be made for.</summary>
    public const string Namespace = "claw.events";

    /// <summary>The text of a signature; the longest, of RSA with 16,384 bits, has 6 KB.</summary>
    public const int MaxSignatureLength = 16 * 1024;

    public const int MaxRunning = 4;

    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    // The one who may sign. Not the agent's name: no text of a client's reaches the syntax of the file.
    private const string Signer = "signer";

    private readonly SemaphoreSlim _turns = new(MaxRunning, MaxRunning);
    private int _hasWarned;

    /// <param name="key">Whose signature it has to be.</param>
    /// <param name="message">What has to be signed.</param>
    /// <param name="signature">At most <see cref="MaxSignatureLength"/>, in armor.</param>
    /// <param name="cancellation">The request that waits for it.</param>
    public async Task<SignatureCheck> CheckAsync(SshPublicKey key, string message, string signature, CancellationToken cancellation)
    {
        if (!await TryWaitAsync(cancellation))
        {
            return SignatureCheck.Busy;
        }

        try
        {
            return Judge(await RunAsync($"{Signer} namespaces=\"{Namespace}\" {key}\n", message, $"{signature}\n", cancellation));
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async Task<KeygenResult> RunAsync(string allowedSigners, string message, string signature, CancellationToken cancellation)
    {
        // Made with mode 0700.
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

    // By what it says and not by its exit code alone: that one is 255 for a bad signature, and for a user that /etc/passwd does not know.
    private SignatureCheck Judge(KeygenResult result)
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
        [LoggerMessage(1, LogLevel.Warning, "Nobody can sign in with an SSH key: {Fault}. Install Debian's openssh-client. This is said once.")]
        public static partial void NoProgram(ILogger logger, string fault);

        [LoggerMessage(2, LogLevel.Warning, "ssh-keygen could not check a signature: {End}, exit code {ExitCode}. {Errors}")]
        public static partial void Failed(ILogger logger, KeygenEnd end, int exitCode, string errors);
    }
}

using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Login;

/// <summary>Signs with an SSH key by running ssh-keygen, which also handles passphrases, agents and hardware keys.</summary>
internal static class SshSigner
{
    /// <summary>The namespace of every signature. It is fixed, so that a server cannot obtain a signature for another purpose.</summary>
    public const string Namespace = "claw.events";

    /// <summary>Signs the exact bytes of <paramref name="message"/>.</summary>
    /// <returns>The armored signature, or one line with the reason for its absence.</returns>
    public static async Task<(string? Signature, string? Problem)> SignAsync(string keyPath, string message, IOutput output)
    {
        using var process = new Process { StartInfo = Command(keyPath) };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return (null, "ssh-keygen is not installed (Debian's openssh-client)");
        }

        var error = ReadErrorAsync(process, output);
        var notWritten = await WriteAsync(process, Encoding.UTF8.GetBytes(message));
        var signature = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 && notWritten is null
            ? (signature, null)
            : (null, await error ?? notWritten ?? $"ssh-keygen exited with code {process.ExitCode}");
    }

    private static ProcessStartInfo Command(string keyPath) =>
        new("ssh-keygen", ["-q", "-Y", "sign", "-n", Namespace, "-f", keyPath])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

    /// <returns>null if everything was written; otherwise the error.</returns>
    private static async Task<string?> WriteAsync(Process process, byte[] message)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(message);
            process.StandardInput.Close();
            return null;
        }
        catch (IOException exception)
        {
            return $"ssh-keygen ended early: {SystemText.Reason(exception)}";
        }
    }

    // The last line holds the error. A hardware key waits for a touch, so its prompt is passed on immediately; ssh-keygen asks
    // for a passphrase on the terminal itself.
    private static async Task<string?> ReadErrorAsync(Process process, IOutput output)
    {
        string? error = null;
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            error = string.IsNullOrWhiteSpace(line) ? error : line.Trim();
            if (line.StartsWith("Confirm ", StringComparison.Ordinal))
            {
                output.WriteNotice(line);
            }
        }
        return error;
    }
}

using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Login;

/// <summary>Signs with an SSH key by OpenSSH's own program, which also knows passphrases, agents and keys in hardware.</summary>
internal static class SshSigner
{
    /// <summary>What signatures of this program are good for. Fixed here: a server must not get one for something else signed.</summary>
    public const string Namespace = "claw.events";

    /// <summary>Signs <paramref name="message"/> to the byte.</summary>
    /// <returns>The armored signature, or why there is none, one line.</returns>
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

        var complaint = ReadComplaintAsync(process, output);
        var notWritten = await WriteAsync(process, Encoding.UTF8.GetBytes(message));
        var signature = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 && notWritten is null
            ? (signature, null)
            : (null, await complaint ?? notWritten ?? $"ssh-keygen ended with {process.ExitCode}");
    }

    private static ProcessStartInfo Command(string keyPath) =>
        new("ssh-keygen", ["-q", "-Y", "sign", "-n", Namespace, "-f", keyPath])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

    /// <summary>null: it took everything.</summary>
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
            return $"ssh-keygen ended early: {exception.Message}";
        }
    }

    // The last line is the one that counts. A key in hardware waits for a touch, which has to be said while it waits; a passphrase
    // is asked for on the terminal itself.
    private static async Task<string?> ReadComplaintAsync(Process process, IOutput output)
    {
        string? complaint = null;
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            complaint = string.IsNullOrWhiteSpace(line) ? complaint : line.Trim();
            if (line.StartsWith("Confirm ", StringComparison.Ordinal))
            {
                output.Notice(line);
            }
        }
        return complaint;
    }
}

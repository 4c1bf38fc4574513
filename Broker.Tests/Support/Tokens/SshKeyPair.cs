using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support.Tokens;

/// <summary>A key pair of the real ssh-keygen, in a folder that is gone after the test.</summary>
internal sealed class SshKeyPair : IDisposable
{
    private readonly TemporaryFolder _folder;

    private SshKeyPair(TemporaryFolder folder, string publicKey)
    {
        _folder = folder;
        PublicKey = publicKey;
    }

    /// <summary>Mode 0600, which a copy keeps.</summary>
    public string PrivateKeyFile => Path.Combine(_folder.Path, "key");

    /// <summary>One line, with a comment and without a line end.</summary>
    public string PublicKey { get; }

    /// <param name="type">ed25519, ecdsa or rsa.</param>
    /// <param name="bits">0 for the type's own choice.</param>
    public static async Task<SshKeyPair> CreateAsync(string type = "ed25519", int bits = 0)
    {
        var folder = new TemporaryFolder();
        await RunAsync(folder.Path, ["-q", "-t", type, .. bits == 0 ? Array.Empty<string>() : ["-b", $"{bits}"], "-N", "", "-C", "a comment", "-f", "key"]);
        return new SshKeyPair(folder, (await File.ReadAllTextAsync(Path.Combine(folder.Path, "key.pub"))).TrimEnd());
    }

    /// <summary>Signs a text as a client would; one call at a time.</summary>
    public async Task<string> SignAsync(string message, string signatureNamespace = "claw.events")
    {
        var file = Path.Combine(_folder.Path, "message");
        File.Delete($"{file}.sig");
        await File.WriteAllTextAsync(file, message);
        await RunAsync(_folder.Path, ["-q", "-Y", "sign", "-f", "key", "-n", signatureNamespace, "message"]);
        return await File.ReadAllTextAsync($"{file}.sig");
    }

    public void Dispose() => _folder.Dispose();

    private static async Task RunAsync(string folder, string[] arguments)
    {
        await using var process = RunningProcess.Start("ssh-keygen", arguments, folder);
        Assert.That(await process.WaitForExitAsync(), Is.Zero, "ssh-keygen is in Debian's openssh-client.");
    }
}

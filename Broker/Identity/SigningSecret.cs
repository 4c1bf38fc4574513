using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity;

/// <summary>The secret that signs tokens: given as <c>JWT_SECRET</c>, or made once and kept in the data folder.</summary>
internal sealed class SigningSecret
{
    /// <summary>HS256 wants a key as long as its hash (RFC 7518, section 3.2).</summary>
    public const int MinBytes = 32;

    private const string FileName = "jwt-secret";

    private readonly Lazy<SymmetricSecurityKey> _key;

    /// <param name="secret">At least <see cref="MinBytes"/> bytes of UTF-8.</param>
    public SigningSecret(string secret) => _key = new(() => new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)));

    public SymmetricSecurityKey Key => _key.Value;

    /// <summary>Reads the secret of a data folder, or makes one there: 256 random bits, readable by the owner only.</summary>
    /// <exception cref="IOException">The folder cannot be used, or the file in it is damaged.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file belongs to somebody else.</exception>
    public static SigningSecret OfFolder(string folder)
    {
        MakeFolder(folder);
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            Make(path);
        }

        var secret = File.ReadAllText(path).Trim();
        return secret.Length >= MinBytes
            ? new SigningSecret(secret)
            : throw new IOException($"{path} holds no secret of {MinBytes} bytes or more; remove it and a new one is made");
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    // Written whole under another name first: a broker that starts at the same moment reads all of it or nothing.
    private static void Make(string path)
    {
        var temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(temporary, options))
        {
            file.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(MinBytes))));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // The other one was first; its secret is as good.
            File.Delete(temporary);
        }
    }
}

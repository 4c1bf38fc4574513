using System.Security.Cryptography;
using System.Text;
using ClawEvents.Broker.Files;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>The secret that signs tokens: given as <c>JWT_SECRET</c>, or generated once and kept in the data folder.</summary>
internal sealed class SigningSecret
{
    /// <summary>HS256 needs a key as long as its hash (RFC 7518, section 3.2).</summary>
    public const int MinBytes = 32;

    /// <summary>The setting that allows shorter ones, for a server that has used one so far.</summary>
    public const string AllowShortName = "AllowShortSecrets";

    /// <summary>What is wrong with a shorter one.</summary>
    public static string ShortRule => $"it is shorter than {MinBytes} bytes; {AllowShortName}=true accepts it all the same";

    /// <summary>Whether a secret is shorter than the hash that it makes (RFC 7518, section 3.2).</summary>
    public static bool IsTooShort(string secret) => Encoding.UTF8.GetByteCount(secret) < MinBytes;

    private const string FileName = "jwt-secret";
    private const string UnfinishedSuffix = ".new";
    private const int MaxWaits = 200;

    private static readonly TimeSpan WaitLength = TimeSpan.FromMilliseconds(10);

    // Replaced as a whole when the settings are reloaded.
    private Lazy<SymmetricSecurityKey> _key;

    /// <param name="secret">At least <see cref="MinBytes"/> bytes of UTF-8.</param>
    public SigningSecret(string secret) => _key = new(() => new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)));

    /// <summary>The same object until the secret changes.</summary>
    public SymmetricSecurityKey Key => Volatile.Read(ref _key).Value;

    /// <param name="given">Null: the secret is that of the data folder.</param>
    /// <inheritdoc cref="OfFolder"/>
    public static SigningSecret Of(string? given, string folder) => given is null ? OfFolder(folder) : new SigningSecret(given);

    /// <summary>Uses the other secret from now on; tokens signed with the former one become invalid.</summary>
    public void ReplaceWith(SigningSecret other)
    {
        if (!CryptographicOperations.FixedTimeEquals(Key.Key, other.Key.Key))
        {
            Volatile.Write(ref _key, other._key);
        }
    }

    /// <summary>Reads the secret of a data folder, or generates one there: 256 random bits, readable by the owner only.</summary>
    /// <exception cref="IOException">The folder cannot be used, or the file in it is damaged.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file belongs to another user.</exception>
    public static SigningSecret OfFolder(string folder)
    {
        DataFolder.Make(folder);
        var path = Path.Combine(folder, FileName);
        for (var waits = 0; !File.Exists(path); waits++)
        {
            if (!TryMake(path))
            {
                Wait(waits, path);
            }
        }

        var secret = File.ReadAllText(path).Trim();
        return Encoding.UTF8.GetByteCount(secret) >= MinBytes
            ? new SigningSecret(secret)
            : throw new IOException($"{path} does not contain a secret of at least {MinBytes} bytes; remove the file to have a new secret generated");
    }

    // Several brokers may start simultaneously, and all have to use the first one's secret. Only one at a time can create the file under
    // its unfinished name; a broker that comes after the renaming finds the finished file, because it looks for it again.
    private static bool TryMake(string path)
    {
        var unfinished = path + UnfinishedSuffix;
        try
        {
            using var file = new FileStream(unfinished, DataFolder.FileOptions(FileMode.CreateNew));
            if (File.Exists(path))
            {
                File.Delete(unfinished);
                return true;
            }

            file.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(MinBytes))));
            file.Flush(flushToDisk: true);
        }
        catch (IOException) when (File.Exists(unfinished) || File.Exists(path))
        {
            // Another broker is creating it.
            return false;
        }

        File.Move(unfinished, path);
        return true;
    }

    private static void Wait(int waits, string path)
    {
        if (waits == MaxWaits)
        {
            throw new IOException($"{path}{UnfinishedSuffix} was left behind by a broker that ended too early; remove the file");
        }

        Thread.Sleep(WaitLength);
    }
}

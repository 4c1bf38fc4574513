using System.Security.Cryptography;
using System.Text;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Files;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>The secret that signs tokens: given as <c>JWT_SECRET</c>, or made once and kept in the data folder.</summary>
internal sealed class SigningSecret
{
    /// <summary>HS256 wants a key as long as its hash (RFC 7518, section 3.2).</summary>
    public const int MinBytes = 32;

    private const string FileName = "jwt-secret";
    private const string UnfinishedSuffix = ".new";
    private const int TurnsToWait = 200;

    private static readonly TimeSpan TurnLength = TimeSpan.FromMilliseconds(10);

    // Replaced as a whole, when the settings are read anew.
    private Lazy<SymmetricSecurityKey> _key;

    /// <param name="secret">At least <see cref="MinBytes"/> bytes of UTF-8.</param>
    public SigningSecret(string secret) => _key = new(() => new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)));

    /// <summary>The same object until the secret is another one.</summary>
    public SymmetricSecurityKey Key => Volatile.Read(ref _key).Value;

    /// <summary>The secret that the settings give, or else that of their data folder.</summary>
    /// <inheritdoc cref="OfFolder" path="/exception"/>
    public static SigningSecret Of(BrokerOptions options) => options.JwtSecret is { } given ? new SigningSecret(given) : OfFolder(options.DataFolder);

    /// <summary>Is this secret from now on; what the former one has signed is worth nothing any more.</summary>
    public void Become(SigningSecret other)
    {
        if (!CryptographicOperations.FixedTimeEquals(Key.Key, other.Key.Key))
        {
            Volatile.Write(ref _key, other._key);
        }
    }

    /// <summary>Reads the secret of a data folder, or makes one there: 256 random bits, readable by the owner only.</summary>
    /// <exception cref="IOException">The folder cannot be used, or the file in it is damaged.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file belongs to somebody else.</exception>
    public static SigningSecret OfFolder(string folder)
    {
        DataFolder.Make(folder);
        var path = Path.Combine(folder, FileName);
        for (var turn = 0; !File.Exists(path); turn++)
        {
            if (!TryMake(path))
            {
                Wait(turn, path);
            }
        }

        var secret = File.ReadAllText(path).Trim();
        return Encoding.UTF8.GetByteCount(secret) >= MinBytes
            ? new SigningSecret(secret)
            : throw new IOException($"{path} holds no secret of {MinBytes} bytes or more; remove it and a new one is made");
    }

    // Brokers may start at the same moment, and the first one's secret has to be everybody's. Only one at a time can create the file
    // under its unfinished name; whoever comes after the renaming finds the finished one, which is looked for once more.
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
            // Somebody else is at it.
            return false;
        }

        File.Move(unfinished, path);
        return true;
    }

    private static void Wait(int turn, string path)
    {
        if (turn == TurnsToWait)
        {
            throw new IOException($"a broker that ended too early left {path}{UnfinishedSuffix}; remove it");
        }

        Thread.Sleep(TurnLength);
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ClawEvents.Broker.State;

/// <summary>Where a Redis is and how to sign in, as <c>REDIS_URL</c> says it.</summary>
/// <remarks>Immutable. Its text never shows the password.</remarks>
internal sealed class RedisAddress
{
    /// <summary>What the setting has to look like, for the message of a refusal.</summary>
    public const string Rule =
        "it is not redis://[[default]:password@]host[:port][/database], or rediss:// for TLS, with the password percent-encoded";

    private const int DefaultPort = 6379;
    private const int MaxDatabase = 9_999;

    private RedisAddress(Uri url, string? password, int database)
    {
        UsesTls = url.Scheme == "rediss";
        Host = url.DnsSafeHost;
        Port = url.Port < 0 ? DefaultPort : url.Port;
        Password = password;
        Database = database;
        _authority = new UriBuilder { Host = url.Host, Port = Port }.Uri.Authority;
    }

    private readonly string _authority;

    /// <summary>A name or an IP address, an IPv6 one without brackets.</summary>
    public string Host { get; }

    public int Port { get; }

    /// <summary>Null when the server asks for none.</summary>
    public string? Password { get; }

    public int Database { get; }

    public bool UsesTls { get; }

    /// <returns>False when the text is not what <see cref="Rule"/> says.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out RedisAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url)
            || url.Scheme is not ("redis" or "rediss")
            || url.Host.Length == 0
            || url.Port == 0
            || url.Query.Length > 0
            || url.Fragment.Length > 0
            || !TryReadPassword(url.UserInfo, out var password)
            || !TryReadDatabase(url.AbsolutePath, out var database))
        {
            return false;
        }

        address = new RedisAddress(url, password, database);
        return true;
    }

    /// <returns>Host, port and database.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_authority}/{Database}");

    // The client library signs in with a password alone, which is the one of the user "default".
    private static bool TryReadPassword(string userInfo, out string? password)
    {
        password = null;
        if (userInfo.Length == 0)
        {
            return true;
        }

        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || userInfo[..colon] is not ("" or "default"))
        {
            return false;
        }

        password = Uri.UnescapeDataString(userInfo[(colon + 1)..]);
        return password.Length > 0;
    }

    private static bool TryReadDatabase(string path, out int database)
    {
        database = 0;
        return path is "" or "/"
            || (int.TryParse(path.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out database) && database <= MaxDatabase);
    }
}

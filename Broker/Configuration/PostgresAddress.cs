using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ClawEvents.Broker.Configuration;

/// <summary>The address of a PostgreSQL, as its own programs write it: <c>postgres://user:password@host:5432/database?sslmode=require</c>, or <c>host=… user=…</c>.</summary>
/// <remarks>Immutable. Its text has no password.</remarks>
internal sealed class PostgresAddress
{
    /// <summary>The expected form, for error messages.</summary>
    public const string Rule =
        "it is neither postgres://user:password@host:port/database?sslmode=require nor host=HOST port=PORT user=USER password=PASSWORD dbname=DATABASE sslmode=require; "
        + "sslmode is disable, allow, prefer, require, verify-ca or verify-full, and sslrootcert, sslcert, sslkey, connect_timeout, application_name and search_path may be given";

    private const int DefaultPort = 5432;

    private static readonly string[] SslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

    // Of the pool of Centrifugo's client, which have no effect here.
    private const string PoolPrefix = "pool_";

    private readonly Dictionary<string, string> _values;

    private PostgresAddress(Dictionary<string, string> values, int port) => (_values, Port) = (values, port);

    /// <summary>A name, an IP address, or the folder of a Unix socket.</summary>
    public string Host => Text("host") ?? "localhost";

    public int Port { get; }

    public string? User => Text("user");

    public string? Password => Text("password");

    /// <summary>Null: that of the user's name.</summary>
    public string? Database => Text("dbname");

    /// <summary>One of <c>disable</c>, <c>allow</c>, <c>prefer</c>, <c>require</c>, <c>verify-ca</c> and <c>verify-full</c>.</summary>
    public string SslMode => Text("sslmode") ?? "prefer";

    public string? RootCertificateFile => Text("sslrootcert");

    public string? CertificateFile => Text("sslcert");

    public string? KeyFile => Text("sslkey");

    public string? SearchPath => Text("search_path");

    public string? ApplicationName => Text("application_name");

    /// <summary>Seconds; null: that of the client library.</summary>
    public int? ConnectTimeout => int.TryParse(Text("connect_timeout"), CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    /// <returns>False for any other form, an unknown name, and several hosts.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out PostgresAddress? address)
    {
        address = null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var isRead = text.Contains("://", StringComparison.Ordinal) ? TryReadUrl(text, values) : TryReadPairs(text, values);
        if (!isRead || !values.Keys.All(IsKnown) || !TryReadNumbers(values, out var port) || (values.TryGetValue("sslmode", out var mode) && !SslModes.Contains(mode)))
        {
            return false;
        }

        address = new(values, port);
        return values.Count > 0 && !address.Host.Contains(',', StringComparison.Ordinal);
    }

    /// <returns>Host, port and database.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}/{Database ?? User}");

    private string? Text(string name) => _values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    private static bool IsKnown(string name) =>
        name is "host" or "port" or "user" or "password" or "dbname" or "sslmode" or "sslrootcert" or "sslcert" or "sslkey" or "search_path" or "application_name" or "connect_timeout"
        || name.StartsWith(PoolPrefix, StringComparison.Ordinal);

    private static bool TryReadNumbers(Dictionary<string, string> values, out int port)
    {
        port = DefaultPort;
        return (!values.TryGetValue("port", out var text) || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65_535))
            && (!values.TryGetValue("connect_timeout", out var seconds) || int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out _));
    }

    private static bool TryReadUrl(string text, Dictionary<string, string> values)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("postgres" or "postgresql") || url.Fragment.Length > 0)
        {
            return false;
        }

        var (user, password) = url.UserInfo.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? (url.UserInfo[..colon], url.UserInfo[(colon + 1)..]) : (url.UserInfo, "");
        Add(values, "host", url.DnsSafeHost);
        Add(values, "port", url.Port > 0 ? url.Port.ToString(CultureInfo.InvariantCulture) : "");
        Add(values, "user", Uri.UnescapeDataString(user));
        Add(values, "password", Uri.UnescapeDataString(password));
        Add(values, "dbname", Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/')));
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                return false;
            }

            values[pair[..equals]] = Uri.UnescapeDataString(pair[(equals + 1)..]);
        }

        return true;
    }

    private static void Add(Dictionary<string, string> values, string name, string value)
    {
        if (value.Length > 0)
        {
            values[name] = value;
        }
    }

    // name=value, name='a value with \' in it', blanks between.
    private static bool TryReadPairs(string text, Dictionary<string, string> values)
    {
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var equals = text.IndexOf('=', at);
            if (equals < 0)
            {
                return false;
            }

            var name = text[at..equals].Trim();
            at = equals + 1;
            if (!TryReadValue(text, ref at, out var value))
            {
                return false;
            }

            values[name] = value;
        }

        return true;
    }

    private static bool TryReadValue(string text, ref int at, out string value)
    {
        var read = new StringBuilder();
        var isQuoted = at < text.Length && text[at] == '\'';
        at += isQuoted ? 1 : 0;
        for (; at < text.Length && !(isQuoted ? text[at] == '\'' : char.IsWhiteSpace(text[at])); at++)
        {
            at += text[at] == '\\' && at + 1 < text.Length ? 1 : 0;
            read.Append(text[at]);
        }

        value = read.ToString();
        var isWhole = !isQuoted || at < text.Length;
        at += isQuoted ? 1 : 0;
        return isWhole;
    }
}

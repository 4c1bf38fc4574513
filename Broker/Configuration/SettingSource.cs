using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads single settings; an empty one counts as not set.</summary>
/// <param name="fault">Receives each fault: the name of the setting, what is wrong, an example.</param>
internal sealed class SettingSource(IConfiguration configuration, Action<string, string, string> fault)
{
    // unix(7): 108 with the zero at the end.
    private const int MaxSocketPathBytes = 107;

    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("/-_.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public string? Text(string name) => configuration[name] is { Length: > 0 } value ? value : null;

    public int Number(string name, int fallback, int least, int most)
    {
        var text = Text(name);
        if (text is null)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        fault(name, $"'{text}' is not a whole number from {least} to {most}", $"{fallback}");
        return fallback;
    }

    public bool Flag(string name, bool fallback = false)
    {
        var text = Text(name);
        if (text is not (null or "true" or "false"))
        {
            fault(name, $"'{text}' is neither true nor false", "true");
        }

        return text is null ? fallback : text is "true";
    }

    /// <summary>One of the names of an enumeration, in any case.</summary>
    public TChoice Choice<TChoice>(string name, TChoice fallback)
        where TChoice : struct, Enum
    {
        var text = Text(name);
        if (text is null)
        {
            return fallback;
        }

        var names = Enum.GetNames<TChoice>();
        if (names.Contains(text, StringComparer.OrdinalIgnoreCase))
        {
            return Enum.Parse<TChoice>(text, ignoreCase: true);
        }

        fault(name, $"'{text}' is not one of {string.Join(", ", names)}", $"{fallback}");
        return fallback;
    }

    /// <summary>Where to listen: <c>localhost</c>, an IP address, <c>*</c>, or <c>unix:</c> and an absolute path.</summary>
    public string? Host(string name)
    {
        var text = Text(name);
        if (ListenerOptions.SocketPathOf(text ?? "") is { } path)
        {
            return CheckSocketPath(name, text!, path);
        }

        // The parser would also accept a bare number as an address.
        if (text is null or "localhost" or "*" || (text.AsSpan().ContainsAny('.', ':') && IPAddress.TryParse(text, out _)))
        {
            return text;
        }

        fault(name, $"'{text}' is neither localhost, * (every interface), an IP address nor unix:PATH", "127.0.0.1");
        return null;
    }

    private string? CheckSocketPath(string name, string host, string path)
    {
        if (path.StartsWith('/') && Encoding.UTF8.GetByteCount(path) <= MaxSocketPathBytes)
        {
            return host;
        }

        fault(name, $"'{path}' is not the absolute path of a Unix socket, of at most {MaxSocketPathBytes} bytes", "unix:/run/clawevents/broker.sock");
        return null;
    }

    /// <summary>Globs, separated by blanks or semicolons; an invalid one is a fault and left out.</summary>
    public string[] Globs(string name, string example)
    {
        var patterns = (Text(name) ?? "").Split([' ', ';'], StringSplitOptions.RemoveEmptyEntries);
        foreach (var pattern in patterns.Where(pattern => !Glob.IsPattern(pattern)))
        {
            fault(name, $"'{pattern}' is not a pattern: a bracket or brace is unbalanced", example);
        }

        return [.. patterns.Where(Glob.IsPattern)];
    }

    /// <summary>IP addresses and networks, separated by blanks, commas or semicolons; an invalid one is a fault and left out.</summary>
    /// <param name="word">May stand among them; null: no word may.</param>
    /// <param name="hasWord">Whether it does.</param>
    public IReadOnlyList<IPNetwork> Networks(string name, string? word, out bool hasWord)
    {
        hasWord = false;
        var networks = new List<IPNetwork>();
        foreach (var text in (Text(name) ?? "").Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (text == word)
            {
                hasWord = true;
            }
            else if (TryReadNetwork(text, out var network))
            {
                networks.Add(network);
            }
            else
            {
                fault(name, $"'{text}' is neither an IP address{(word is null ? " nor" : ",")} a network whose host bits are 0{(word is null ? "" : $", nor {word}")}", "10.0.0.0/8");
            }
        }

        if (networks.Count == 0)
        {
            return [];
        }

        return networks;
    }

    private static bool TryReadNetwork(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address) && text.AsSpan().ContainsAny('.', ':'))
        {
            network = new IPNetwork(address, address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }

    /// <summary>A path on the broker's port; a trailing slash is ignored.</summary>
    public string Path(string name, string fallback)
    {
        var text = Text(name);
        if (text is null)
        {
            return fallback;
        }

        if (text.Length > 1 && text[0] == '/' && !text.AsSpan().ContainsAnyExcept(PathCharacters))
        {
            return text.TrimEnd('/') is { Length: > 0 } path ? path : fallback;
        }

        fault(name, $"'{text}' is not a path: a slash, then letters, digits, slashes or any of - _ .", fallback);
        return fallback;
    }
}

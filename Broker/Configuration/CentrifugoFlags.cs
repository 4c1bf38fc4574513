using System.Buffers;

namespace ClawEvents.Broker.Configuration;

/// <summary>Separates the flags of a Centrifugo from the other arguments of the program: <c>--http_server.port 9000</c>, <c>-p 9000</c>, <c>--client.insecure</c>, <c>--port=9000</c>.</summary>
/// <remarks>Other arguments are ours: <c>--NAME=VALUE</c>, <c>--NAME VALUE</c>, or <c>--NAME</c> for true.</remarks>
internal sealed class CentrifugoFlags
{
    private static readonly SearchValues<char> TheirCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._");

    private static readonly Dictionary<string, string> ShortNames = new(StringComparer.Ordinal)
    {
        ["-a"] = "http_server.address",
        ["-p"] = "http_server.port",
    };

    /// <exception cref="FormatException">A flag that needs a value has none.</exception>
    public CentrifugoFlags(IReadOnlyList<string> arguments)
    {
        for (var next = 0; next < arguments.Count;)
        {
            ReadArgument(arguments, ref next);
        }
    }

    /// <summary>By the setting's <see cref="CentrifugoSetting.Key"/>.</summary>
    public Dictionary<string, string> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Flags of a Centrifugo that were not translated.</summary>
    public List<CentrifugoLeftover> Leftovers { get; } = [];

    /// <summary>All other arguments, each joined with its value.</summary>
    public List<string> Ours { get; } = [];

    private void ReadArgument(IReadOnlyList<string> arguments, ref int next)
    {
        var argument = arguments[next++];
        var equals = argument.IndexOf('=');
        var name = equals < 0 ? argument : argument[..equals];
        var setting = Find(name);
        if (!name.StartsWith('-') || (setting is { IsFlag: true } && equals < 0))
        {
            Add(setting, name, name.StartsWith('-') ? "true" : argument);
        }
        else
        {
            var value = equals >= 0 ? argument[(equals + 1)..] : ReadValue(arguments, ref next, name, setting);
            Add(setting, name, value);
        }
    }

    // Without a value, an argument of ours means true; for a flag of Centrifugo it is an error.
    private static string ReadValue(IReadOnlyList<string> arguments, ref int next, string name, CentrifugoSetting? setting) =>
        next < arguments.Count && !arguments[next].StartsWith('-') ? arguments[next++]
        : setting is null ? "true"
        : throw new FormatException($"{name} needs a value");

    private void Add(CentrifugoSetting? setting, string name, string value)
    {
        if (setting is not null)
        {
            Values[setting.Key] = value;
        }
        else if (CentrifugoRedis.Switches.FirstOrDefault(key => name == $"--{key}") is { } key)
        {
            Values[key] = value;
        }
        else if (IsTheirs(name))
        {
            Leftovers.Add(new(name, value));
        }
        else
        {
            Ours.Add(name.StartsWith('-') ? $"{name}={value}" : value);
        }
    }

    private static CentrifugoSetting? Find(string name)
    {
        var key = ShortNames.GetValueOrDefault(name) ?? (name.StartsWith("--", StringComparison.Ordinal) ? name[2..] : "");
        return CentrifugoSetting.All.FirstOrDefault(setting => setting.Key == key || setting.FlatKey == key);
    }

    // Centrifugo's flags are in lower case, with dots and underscores; ours are config and names with capitals.
    private static bool IsTheirs(string name) =>
        name.StartsWith("--", StringComparison.Ordinal) && name != "--config" && !name.AsSpan(2).ContainsAnyExcept(TheirCharacters);
}

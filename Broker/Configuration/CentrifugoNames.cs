using System.Text.RegularExpressions;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Configuration;

/// <summary>Tells settings that a Centrifugo has from names that nobody has, which are probably slips.</summary>
/// <remarks>Names are in the form of <see cref="CentrifugoLeftover.Key"/>, of versions 5 and 6 and its paid edition.</remarks>
internal static partial class CentrifugoNames
{
    /// <summary>Whether a Centrifugo has this setting.</summary>
    public static bool IsKnown(string key) => ReasonOf(key) is not null || Translated().Any(name => name == key);

    /// <inheritdoc cref="CentrifugoIgnored.ReasonOf"/>
    public static string? ReasonOf(string key)
    {
        var option = Option().Match(key);
        return CentrifugoIgnored.ReasonOf(key, option.Success ? option.Groups["name"].Value : null);
    }

    /// <summary>The setting that was probably meant, in the form of the name: a path, a variable or a flag.</summary>
    /// <returns>Null if nothing is near.</returns>
    public static string? Nearest(string name)
    {
        if (Option().Match(CentrifugoLeftover.KeyOf(name)) is { Success: true } option)
        {
            var own = option.Groups["name"].Value;
            return NearestName.Find(own, Options().Select(CentrifugoLeftover.KeyOf)) is { } near ? name[..^own.Length] + Options().First(one => CentrifugoLeftover.KeyOf(one) == near) : null;
        }

        return name.StartsWith("CENTRIFUGO_", StringComparison.Ordinal) ? NearestName.Find(name, Paths().Select(CentrifugoSetting.VariableOf))
            : name.StartsWith('-') ? NearestName.Find(name, Paths().Select(path => $"--{path}"))
            : NearestName.Find(name, Paths());
    }

    private static IEnumerable<string> Paths() =>
        CentrifugoSetting.All.SelectMany(setting => new[] { setting.Key, setting.FlatKey })
            .Concat(CentrifugoConfiguration.Keys.SelectMany(pair => new[] { pair.Key, pair.FlatKey }))
            .Concat(CentrifugoProxies.Keys)
            .Concat(CentrifugoRedis.Keys)
            .Concat(Options())
            .Concat(["channel.namespaces", "channel.without_namespace", "namespaces", "proxies", "rpc.namespaces", "engine.type"]);

    // Of a namespace.
    private static IEnumerable<string> Options() =>
        ChannelOptionsReader.Names
            .Concat(MapOptionsReader.Names.Select(option => $"map.{option}"))
            .Concat(SharedPollOptionsReader.Names.Select(option => $"shared_poll.{option}"))
            .Append("name");

    private static IEnumerable<string> Translated() => Paths().Select(CentrifugoLeftover.KeyOf);

    [GeneratedRegex(@"\A(channel_)?(namespaces_[0-9]+|without_namespace)_(?<name>.+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Option();
}

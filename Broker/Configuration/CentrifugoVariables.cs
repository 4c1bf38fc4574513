using System.Text;
using System.Text.Json;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads the environment variables of a Centrifugo, of version 6 and 5: <c>CENTRIFUGO_</c>, then the key in capitals, dots as underscores.</summary>
internal sealed class CentrifugoVariables
{
    private const string Prefix = "CENTRIFUGO_";
    private const string ConsumersVariable = "CENTRIFUGO_CONSUMERS";
    private const string NamespacesVariable = "CENTRIFUGO_CHANNEL_NAMESPACES";

    private readonly IReadOnlyDictionary<string, string> _variables;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal) { NamespacesVariable, "CENTRIFUGO_NAMESPACES" };

    /// <param name="variables">The environment.</param>
    /// <exception cref="FormatException">The namespaces are neither JSON nor names.</exception>
    public CentrifugoVariables(IReadOnlyDictionary<string, string> variables)
    {
        _variables = variables;
        foreach (var setting in CentrifugoSetting.All)
        {
            ReadVariable(setting.Key, setting.Variable, setting.FlatVariable);
        }

        foreach (var option in ChannelOptionsReader.Names)
        {
            ReadVariable($"channel.without_namespace.{option}", $"{Prefix}CHANNEL_WITHOUT_NAMESPACE_{option.ToUpperInvariant()}", Prefix + option.ToUpperInvariant());
        }

        foreach (var option in MapOptionsReader.Names.Select(option => $"map.{option}").Concat(SharedPollOptionsReader.Names.Select(option => $"shared_poll.{option}")))
        {
            var key = $"channel.without_namespace.{option}";
            ReadVariable(key, CentrifugoSetting.VariableOf(key), CentrifugoSetting.VariableOf(key));
        }

        foreach (var key in CentrifugoProxies.Keys.Concat(CentrifugoRedis.Keys))
        {
            ReadVariable(key, CentrifugoSetting.VariableOf(key), CentrifugoSetting.VariableOf(key));
        }

        foreach (var (key, flatKey) in CentrifugoConfiguration.Keys)
        {
            ReadVariable(key, CentrifugoSetting.VariableOf(key), CentrifugoSetting.VariableOf(flatKey));
        }

        if (variables.GetValueOrDefault(ConsumersVariable) is { Length: > 0 } consumers && ParseList("consumers", ConsumersVariable, consumers) is var list && CentrifugoConsumers.AreRead(list))
        {
            _known.Add(ConsumersVariable);
            Consumers = list;
        }

        var namespaces = variables.GetValueOrDefault(NamespacesVariable) ?? variables.GetValueOrDefault("CENTRIFUGO_NAMESPACES") ?? "";
        Namespaces = namespaces.Length == 0 ? null : namespaces.TrimStart().StartsWith('[') ? ParseList("namespaces", NamespacesVariable, namespaces) : ReadNamespaces(namespaces);
    }

    /// <summary>By path, as in a file of version 6.</summary>
    public Dictionary<string, string?> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The whole list, which replaces the list of the file; null if there is none.</summary>
    public IConfigurationSection? Namespaces { get; }

    /// <summary>The whole list of queues, which replaces the list of the file; null if there is none, or one of them is not read here.</summary>
    public IConfigurationSection? Consumers { get; }

    /// <summary>The options of one queue, whose variables bear its name; they count as translated.</summary>
    /// <param name="options">All options that there are, with dots.</param>
    public IEnumerable<(string Option, string Value)> TakeConsumer(string name, IEnumerable<string> options)
    {
        foreach (var option in options)
        {
            var variable = $"{ConsumersVariable}_{NameOf(name)}_{option.ToUpperInvariant().Replace('.', '_')}";
            if (_variables.TryGetValue(variable, out var value))
            {
                _known.Add(variable);
                yield return (option, value);
            }
        }
    }

    /// <summary>Variables that were not translated.</summary>
    public IEnumerable<CentrifugoLeftover> Leftovers => _variables
        .Where(variable => variable.Key.StartsWith(Prefix, StringComparison.Ordinal) && !_known.Contains(variable.Key))
        .Select(variable => new CentrifugoLeftover(variable.Key, variable.Value))
        .OrderBy(setting => setting.Name, StringComparer.Ordinal);

    private void ReadVariable(string key, string variable, string flatVariable)
    {
        _known.Add(variable);
        _known.Add(flatVariable);
        if ((_variables.GetValueOrDefault(variable) ?? _variables.GetValueOrDefault(flatVariable)) is { } value)
        {
            Values[key.Replace('.', ':')] = value;
        }
    }

    private static IConfigurationSection ParseList(string key, string variable, string list)
    {
        try
        {
            var json = $$"""{"{{key}}":{{list}} }""";
            return new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build().GetSection(key);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new FormatException($"{variable} is not JSON ({exception.Message})", exception);
        }
    }

    // Names separated by spaces, and a variable for each option: CENTRIFUGO_CHANNEL_NAMESPACES_CHAT_PRESENCE.
    private IConfigurationSection ReadNamespaces(string list)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (index, name) in list.Split(' ', StringSplitOptions.RemoveEmptyEntries).Index())
        {
            values[$"namespaces:{index}:name"] = name;
            var start = $"{NamespacesVariable}_{NameOf(name)}_";
            foreach (var (variable, value) in _variables.Where(variable => variable.Key.StartsWith(start, StringComparison.Ordinal)))
            {
                _known.Add(variable);
                var option = variable[start.Length..].ToLowerInvariant();
                values[$"namespaces:{index}:{MapOptionsReader.PathOf(option) ?? SharedPollOptionsReader.PathOf(option) ?? option}"] = value;
            }
        }

        return new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection("namespaces");
    }

    private static string NameOf(string name) => name.ToUpperInvariant().Replace('-', '_').Replace('.', '_');
}

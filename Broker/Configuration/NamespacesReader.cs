using System.Text.RegularExpressions;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <c>Namespaces</c>, a list, and <c>WithoutNamespace</c>. docs/reference/namespaces.md</summary>
/// <param name="boundary">Ends a namespace in the name of a channel; empty: nothing does.</param>
/// <inheritdoc cref="ChannelOptionsReader"/>
internal sealed partial class NamespacesReader(Action<string, string, string> fault, ProxiesReader proxies, string boundary = ":")
{
    private static readonly string[] ClawNamespaces = ["public", "system", "agent", "app"];

    private readonly ChannelOptionsReader _options = new(fault, proxies);

    public ChannelNamespaces Read(IConfiguration configuration)
    {
        var byName = new Dictionary<string, ChannelOptions>(StringComparer.Ordinal);
        foreach (var section in configuration.GetSection("Namespaces").GetChildren())
        {
            var name = section["name"] ?? "";
            if (!Form().IsMatch(name))
            {
                fault($"{section.Path}:name", $"'{name}' is not a valid name: use two or more letters, digits or - _ .", "chat");
            }
            else if (!byName.TryAdd(name, ReadOptions(section, name)))
            {
                fault($"{section.Path}:name", $"'{name}' is defined twice", "chat");
            }
        }

        var without = configuration.GetSection("WithoutNamespace");
        var withoutNamespace = without.Exists() ? _options.Read(without) : null;
        CheckPrefixes(configuration, byName, withoutNamespace);
        return new ChannelNamespaces(byName, withoutNamespace);
    }

    // A prefix with a slip would only show itself when nobody ever becomes present.
    private void CheckPrefixes(IConfiguration configuration, Dictionary<string, ChannelOptions> byName, ChannelOptions? without)
    {
        foreach (var section in configuration.GetSection("Namespaces").GetChildren().Append(configuration.GetSection("WithoutNamespace")))
        {
            CheckPrefix(section.GetSection("map_clients_presence_channel_prefix"), SubscriptionType.MapClients, "map_clients");
            CheckPrefix(section.GetSection("map_users_presence_channel_prefix"), SubscriptionType.MapUsers, "map_users");
        }

        void CheckPrefix(IConfigurationSection value, SubscriptionType type, string word)
        {
            if (value.Value is { Length: > 0 } prefix && OptionsOf(prefix)?.SubscriptionType != type)
            {
                fault(value.Path, $"'{prefix}' begins no channels of a namespace with subscription_type {word}", $"{word}{boundary}");
            }
        }

        ChannelOptions? OptionsOf(string prefix) => boundary.Length > 0 && prefix.IndexOf(boundary, StringComparison.Ordinal) is >= 0 and var end ? byName.GetValueOrDefault(prefix[..end]) : without;
    }

    private ChannelOptions ReadOptions(IConfigurationSection section, string name)
    {
        var options = _options.Read(section);
        if (!ClawNamespaces.Contains(name))
        {
            return options;
        }

        if ((options.SubscribeProxy ?? options.PublishProxy ?? options.SubRefreshProxy) is not null)
        {
            fault($"{section.Path}:name", "channels of claw.events have their own permissions and cannot use a proxy", "chat");
        }

        if (options.SubscriptionType is not SubscriptionType.Stream)
        {
            fault($"{section.Path}:subscription_type", "channels of claw.events are streams", "stream");
        }

        return options;
    }

    [GeneratedRegex(@"\A[-a-zA-Z0-9_.]{2,}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}

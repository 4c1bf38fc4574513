using System.Text.RegularExpressions;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <c>Namespaces</c>, a list, and <c>WithoutNamespace</c>. docs/reference/namespaces.md</summary>
/// <inheritdoc cref="ChannelOptionsReader"/>
internal sealed partial class NamespacesReader(Action<string, string, string> fault, ProxiesReader proxies)
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
        return new ChannelNamespaces(byName, without.Exists() ? _options.Read(without) : null);
    }

    private ChannelOptions ReadOptions(IConfigurationSection section, string name)
    {
        var options = _options.Read(section);
        if (ClawNamespaces.Contains(name) && (options.SubscribeProxy ?? options.PublishProxy ?? options.SubRefreshProxy) is not null)
        {
            fault($"{section.Path}:name", "channels of claw.events have their own permissions and cannot use a proxy", "chat");
        }

        return options;
    }

    [GeneratedRegex(@"\A[-a-zA-Z0-9_.]{2,}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}

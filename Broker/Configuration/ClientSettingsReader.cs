using System.Globalization;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <see cref="ClientSettings"/>.</summary>
/// <param name="fault">Receives each fault: the name of the setting, what is wrong, an example.</param>
internal sealed class ClientSettingsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private const int MostConnections = 1_000_000;

    private static readonly ClientSettings Defaults = new();

    /// <param name="namespaces">The namespaces, one of which must contain the personal channels.</param>
    /// <param name="syntax">How their names are made.</param>
    public ClientSettings Read(ChannelNamespaces namespaces, ChannelSyntax syntax)
    {
        var settings = new ClientSettings
        {
            Syntax = syntax,
            IsInsecure = Flag("ClientInsecure", fallback: false),
            AllowAnonymous = Flag("AllowAnonymous", Defaults.AllowAnonymous),
            DisallowAnonymousTokens = Flag("DisallowAnonymousTokens", fallback: false),
            UserIdHeader = Text("UserIdHeader"),
            UserConnectionLimit = Limit("UserConnectionLimit"),
            TellsTime = Flag("ConnectTellsTime", fallback: false),
            HasPersonalChannels = Flag("PersonalChannels", fallback: false),
            PersonalChannelNamespace = Text("PersonalChannelNamespace") ?? "",
            HasSinglePersonalConnection = Flag("PersonalChannelSingleConnection", fallback: false),
        };
        CheckPersonal(settings, namespaces);
        return settings;
    }

    private void CheckPersonal(ClientSettings settings, ChannelNamespaces namespaces)
    {
        if (settings.PersonalChannelOf("x") is { } name && (!ChannelName.TryParse(name, settings.Syntax, out var channel) || namespaces.Find(channel) is null))
        {
            fault("PersonalChannelNamespace", $"no namespace is configured for channels like '{name}': add it, or WithoutNamespace", "personal");
        }
    }

    private string? Text(string name) => configuration[name] is { Length: > 0 } value ? value : null;

    private bool Flag(string name, bool fallback)
    {
        var text = Text(name);
        if (text is not (null or "true" or "false"))
        {
            fault(name, $"'{text}' is neither true nor false", "true");
        }

        return text is null ? fallback : text is "true";
    }

    private int Limit(string name)
    {
        var text = Text(name) ?? "0";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit <= MostConnections)
        {
            return limit;
        }

        fault(name, $"'{text}' is not a whole number from 0 to {MostConnections}", "10");
        return 0;
    }
}

using System.Collections.Frozen;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads the options of a namespace: Centrifugo's names and values. docs/reference/namespaces.md</summary>
/// <param name="fault">Receives each fault: the full key, what is wrong, an example.</param>
/// <param name="proxies">The back ends that a namespace can name.</param>
internal sealed class ChannelOptionsReader(Action<string, string, string> fault, ProxiesReader proxies)
{
    /// <summary>Limit of the history size of a channel: it costs memory in every channel of the namespace.</summary>
    public const int MaxHistorySize = 100_000;

    private const string MapSection = "map";
    private const string PollSection = "shared_poll";
    private const string StreamOption = "subscribe_stream_proxy";

    private readonly SettingValues _values = new(fault);
    private readonly MapOptionsReader _maps = new(fault, proxies);
    private readonly SharedPollOptionsReader _polls = new(fault, proxies);

    private delegate ChannelOptions Change(ChannelOptionsReader reader, ChannelOptions options, IConfigurationSection value);

    private static readonly FrozenDictionary<string, Change> Changes = new Dictionary<string, Change>(StringComparer.OrdinalIgnoreCase)
    {
        ["presence"] = (reader, options, value) => options with { Presence = reader._values.Flag(value) },
        ["join_leave"] = (reader, options, value) => options with { JoinLeave = reader._values.Flag(value) },
        ["force_push_join_leave"] = (reader, options, value) => options with { ForcePushJoinLeave = reader._values.Flag(value) },
        ["history_size"] = (reader, options, value) => options with { HistorySize = reader._values.Number(value, MaxHistorySize) },
        ["history_ttl"] = (reader, options, value) => options with { HistoryTtl = reader._values.Duration(value, options.HistoryTtl) },
        ["history_meta_ttl"] = (reader, options, value) => options with { HistoryMetaTtl = reader._values.Duration(value, options.HistoryMetaTtl) },
        ["force_positioning"] = (reader, options, value) => options with { ForcePositioning = reader._values.Flag(value) },
        ["allow_positioning"] = (reader, options, value) => options with { AllowPositioning = reader._values.Flag(value) },
        ["force_recovery"] = (reader, options, value) => options with { ForceRecovery = reader._values.Flag(value) },
        ["allow_recovery"] = (reader, options, value) => options with { AllowRecovery = reader._values.Flag(value) },
        ["force_recovery_mode"] = (reader, options, value) => options with { RecoveryMode = reader._values.Choose(value, ("", RecoveryMode.Stream), ("stream", RecoveryMode.Stream), ("cache", RecoveryMode.Cache)) },
        ["auto_cache_recover"] = (reader, options, value) => options with { AutoCacheRecover = reader._values.Flag(value) },
        ["allowed_delta_types"] = (reader, options, value) => options with { AllowFossilDelta = reader.DeltaTypes(value) },
        ["delta_publish"] = (reader, options, value) => options with { DeltaPublish = reader._values.Flag(value) },
        ["allow_tags_filter"] = (reader, options, value) => options with { AllowTagsFilter = reader._values.Flag(value) },
        ["allow_subscribe_for_client"] = (reader, options, value) => options with { Subscribe = options.Subscribe with { ForClient = reader._values.Flag(value) } },
        ["allow_subscribe_for_anonymous"] = (reader, options, value) => options with { Subscribe = options.Subscribe with { ForAnonymous = reader._values.Flag(value) } },
        ["allow_publish_for_client"] = (reader, options, value) => options with { Publish = options.Publish with { ForClient = reader._values.Flag(value) } },
        ["allow_publish_for_subscriber"] = (reader, options, value) => options with { Publish = options.Publish with { ForSubscriber = reader._values.Flag(value) } },
        ["allow_publish_for_anonymous"] = (reader, options, value) => options with { Publish = options.Publish with { ForAnonymous = reader._values.Flag(value) } },
        ["allow_presence_for_client"] = (reader, options, value) => options with { ReadPresence = options.ReadPresence with { ForClient = reader._values.Flag(value) } },
        ["allow_presence_for_subscriber"] = (reader, options, value) => options with { ReadPresence = options.ReadPresence with { ForSubscriber = reader._values.Flag(value) } },
        ["allow_presence_for_anonymous"] = (reader, options, value) => options with { ReadPresence = options.ReadPresence with { ForAnonymous = reader._values.Flag(value) } },
        ["allow_history_for_client"] = (reader, options, value) => options with { ReadHistory = options.ReadHistory with { ForClient = reader._values.Flag(value) } },
        ["allow_history_for_subscriber"] = (reader, options, value) => options with { ReadHistory = options.ReadHistory with { ForSubscriber = reader._values.Flag(value) } },
        ["allow_history_for_anonymous"] = (reader, options, value) => options with { ReadHistory = options.ReadHistory with { ForAnonymous = reader._values.Flag(value) } },
        ["allow_user_limited_channels"] = (reader, options, value) => options with { AllowUserLimitedChannels = reader._values.Flag(value) },
        ["channel_regex"] = (reader, options, value) => options with { ChannelPattern = reader.Pattern(value) },
        ["publication_data_format"] = (reader, options, value) => options with
        {
            PayloadFormat = reader._values.Choose(value, ("", PayloadFormat.Any), ("json", PayloadFormat.Json), ("json_object", PayloadFormat.JsonObject), ("binary", PayloadFormat.Binary)),
        },

        ["subscription_type"] = (reader, options, value) => options with
        {
            SubscriptionType = reader._values.Choose(
                value,
                ("", SubscriptionType.Stream),
                ("stream", SubscriptionType.Stream),
                ("map", SubscriptionType.Map),
                ("map_clients", SubscriptionType.MapClients),
                ("map_users", SubscriptionType.MapUsers),
                ("shared_poll", SubscriptionType.SharedPoll)),
        },
        ["map_clients_presence_channel_prefix"] = (_, options, value) => options with { MapClientsPrefix = TextOf(value) },
        ["map_users_presence_channel_prefix"] = (_, options, value) => options with { MapUsersPrefix = TextOf(value) },
        ["client_publish_debounce_interval"] = (reader, options, value) => options with { ClientPublishDebounce = reader._values.Duration(value, options.ClientPublishDebounce) },

        // They belong together: see Read.
        [MapSection] = Keep,
        [PollSection] = Keep,
        ["subscribe_proxy_enabled"] = Keep,
        ["subscribe_proxy_name"] = Keep,
        ["subscribe_stream_proxy_enabled"] = Keep,
        ["subscribe_stream_proxy_name"] = Keep,
        ["subscribe_stream_proxy_bidirectional"] = (reader, options, value) => options with { SubscribeStream = reader._values.Flag(value) ? SubscribeStream.Bidirectional : SubscribeStream.Unidirectional },
        ["publish_proxy_enabled"] = Keep,
        ["publish_proxy_name"] = Keep,
        ["sub_refresh_proxy_enabled"] = Keep,
        ["sub_refresh_proxy_name"] = Keep,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of the options.</summary>
    public static IReadOnlyCollection<string> Names => Changes.Keys;

    /// <summary>Whether an option is a section with options of its own.</summary>
    public static bool IsSection(string name) => NamesIn(name).Count > 0;

    /// <summary>The options in a section; empty for an option that is not a section.</summary>
    public static IReadOnlyCollection<string> NamesIn(string section) =>
        section.Equals(MapSection, StringComparison.OrdinalIgnoreCase) ? MapOptionsReader.Names
        : section.Equals(PollSection, StringComparison.OrdinalIgnoreCase) ? SharedPollOptionsReader.Names
        : [];

    /// <param name="section">One key for each option; <c>name</c> is the namespace's own.</param>
    public ChannelOptions Read(IConfigurationSection section)
    {
        var options = new ChannelOptions();
        foreach (var value in section.GetChildren())
        {
            if (Changes.TryGetValue(value.Key, out var change))
            {
                options = change(this, options, value);
            }
            else if (!value.Key.Equals("name", StringComparison.OrdinalIgnoreCase))
            {
                _values.Unknown(value, Names, $"{section.Path}:history_size=100");
            }
        }

        return Check(section, WithStream(section, options with
        {
            Map = _maps.Read(section.GetSection(MapSection), options.SubscriptionType),
            SharedPoll = _polls.Read(section.GetSection(PollSection), options.SubscriptionType),
            SubscribeProxy = proxies.FindSwitchedOn(section, "subscribe_proxy"),
            PublishProxy = proxies.FindSwitchedOn(section, "publish_proxy"),
            SubRefreshProxy = proxies.FindSwitchedOn(section, "sub_refresh_proxy"),
        }));
    }

    private ChannelOptions WithStream(IConfigurationSection section, ChannelOptions options)
    {
        if (proxies.FindSwitchedOn(section, StreamOption) is not { } name)
        {
            return options with { SubscribeStream = SubscribeStream.None };
        }

        var key = $"{section.Path}:{StreamOption}_enabled";
        if ((options.SubscribeProxy ?? options.PublishProxy ?? options.SubRefreshProxy) is not null)
        {
            fault(key, "a namespace with a stream for each subscription cannot use another proxy", "false");
        }

        if (options.AllowTagsFilter)
        {
            fault(key, "a namespace with a stream for each subscription cannot use allow_tags_filter", "false");
        }

        if (options.SubscriptionType is not SubscriptionType.Stream)
        {
            fault(key, "only channels of the subscription_type stream have streams of their own", "false");
        }

        if (proxies.Find($"{section.Path}:{StreamOption}_name", name) is { IsGrpc: false })
        {
            fault($"{section.Path}:{StreamOption}_name", $"the endpoint of {name} must be grpc://, which alone has streams", "grpc://backend:12000");
        }

        return options with
        {
            SubscribeProxy = name,
            SubscribeStream = options.SubscribeStream is SubscribeStream.None ? SubscribeStream.Unidirectional : options.SubscribeStream,
        };
    }

    private static string? TextOf(IConfigurationSection value) => value.Value is { Length: > 0 } text ? text : null;

    private static ChannelOptions Keep(ChannelOptionsReader reader, ChannelOptions options, IConfigurationSection value) => options;

    // If offsets expired before the publications, a client could mistake new offsets for old ones.
    private ChannelOptions Check(IConfigurationSection section, ChannelOptions options)
    {
        if (options.HistoryMetaTtl < options.HistoryTtl)
        {
            fault($"{section.Path}:history_meta_ttl", "it is shorter than history_ttl", "720h");
        }

        if (options is { IsMap: false, Map.RemoveClientOnUnsubscribe: true })
        {
            fault($"{section.Path}:{MapSection}:remove_client_on_unsubscribe", "the channels are no maps: set subscription_type", "map");
        }

        return options;
    }

    private bool DeltaTypes(IConfigurationSection value)
    {
        var types = SettingValues.List(value);
        foreach (var type in types.Where(type => type != "fossil"))
        {
            fault(value.Path, $"'{type}' is not a supported type of delta", "fossil");
        }

        return types.Contains("fossil");
    }

    private Regex? Pattern(IConfigurationSection value)
    {
        if (string.IsNullOrEmpty(value.Value))
        {
            return null;
        }

        var pattern = SafePattern.Parse(value.Value, out var reason);
        if (pattern is null)
        {
            fault(value.Path, $"'{value.Value}' is not a usable pattern: {reason}", "^[a-z0-9]+$");
        }

        return pattern;
    }
}

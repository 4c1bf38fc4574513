using System.Collections.Frozen;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <c>map</c>, the options of a namespace's maps: Centrifugo's names and values, and <c>ordered</c>. docs/reference/namespaces.md#maps</summary>
/// <inheritdoc cref="ChannelOptionsReader"/>
internal sealed class MapOptionsReader(Action<string, string, string> fault, ProxiesReader proxies)
{
    private const int DefaultStreamSize = 100;
    private static readonly TimeSpan DefaultStreamTtl = TimeSpan.FromMinutes(1);

    // A position that outlives the keys lets clients page through a map that is empty for a while.
    private static readonly TimeSpan EphemeralMetaTtl = TimeSpan.FromMinutes(10);

    private readonly SettingValues _values = new(fault);

    private delegate MapOptions Change(MapOptionsReader reader, MapOptions options, IConfigurationSection value);

    private static readonly FrozenDictionary<string, Change> Changes = new Dictionary<string, Change>(StringComparer.OrdinalIgnoreCase)
    {
        ["mode"] = (reader, options, value) => options with { Mode = reader._values.Choose(value, ("ephemeral", MapMode.Ephemeral), ("recoverable", MapMode.Recoverable), ("persistent", MapMode.Persistent)) },
        ["key_ttl"] = (reader, options, value) => options with { KeyTtl = reader._values.Duration(value, options.KeyTtl) },
        ["stream_size"] = (reader, options, value) => options with { StreamSize = reader._values.Number(value, ChannelOptionsReader.MaxHistorySize) },
        ["stream_ttl"] = (reader, options, value) => options with { StreamTtl = reader._values.Duration(value, options.StreamTtl) },
        ["meta_ttl"] = (reader, options, value) => options with { MetaTtl = reader._values.Duration(value, options.MetaTtl) },
        ["ordered"] = (reader, options, value) => options with { IsOrdered = reader._values.Flag(value) },
        ["remove_client_on_unsubscribe"] = (reader, options, value) => options with { RemoveClientOnUnsubscribe = reader._values.Flag(value) },
        ["client_key"] = (reader, options, value) => options with { ClientKey = reader._values.Choose(value, ("", MapClientKey.Given), ("client_id", MapClientKey.ClientId), ("user_id", MapClientKey.UserId)) },
        ["allow_publish_for_client"] = (reader, options, value) => options with { Publish = options.Publish with { ForClient = reader._values.Flag(value) } },
        ["allow_publish_for_subscriber"] = (reader, options, value) => options with { Publish = options.Publish with { ForSubscriber = reader._values.Flag(value) } },
        ["allow_publish_for_anonymous"] = (reader, options, value) => options with { Publish = options.Publish with { ForAnonymous = reader._values.Flag(value) } },
        ["allow_remove_for_client"] = (reader, options, value) => options with { Remove = options.Remove with { ForClient = reader._values.Flag(value) } },
        ["allow_remove_for_subscriber"] = (reader, options, value) => options with { Remove = options.Remove with { ForSubscriber = reader._values.Flag(value) } },
        ["allow_remove_for_anonymous"] = (reader, options, value) => options with { Remove = options.Remove with { ForAnonymous = reader._values.Flag(value) } },
        ["default_page_size"] = (reader, options, value) => options with { DefaultPageSize = reader._values.Number(value, MapOptions.MostPerPage) },
        ["min_page_size"] = (reader, options, value) => options with { MinPageSize = reader._values.Number(value, MapOptions.MostPerPage) },
        ["max_page_size"] = (reader, options, value) => options with { MaxPageSize = reader._values.Number(value, MapOptions.MostPerPage) },
        ["live_transition_max_publication_limit"] = (reader, options, value) => options with { LiveTransitionLimit = reader._values.Number(value, MapOptions.MostPerPage) },
        ["subscribe_catch_up_timeout"] = (reader, options, value) => options with { CatchUpTimeout = reader._values.Duration(value, options.CatchUpTimeout) },

        // The two belong together: see Read.
        ["publish_proxy_enabled"] = (_, options, _) => options,
        ["publish_proxy_name"] = (_, options, _) => options,
        ["remove_proxy_enabled"] = (_, options, _) => options,
        ["remove_proxy_name"] = (_, options, _) => options,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of the options.</summary>
    public static IReadOnlyCollection<string> Names => Changes.Keys;

    /// <inheritdoc cref="SettingValues.PathOf"/>
    public static string? PathOf(string flatName) => SettingValues.PathOf(flatName, "map", Names);

    /// <param name="section"><c>map</c> of a namespace, which may be missing.</param>
    /// <param name="type">The namespace's: whether the options are needed.</param>
    public MapOptions Read(IConfigurationSection section, SubscriptionType type)
    {
        var isMap = type is SubscriptionType.Map or SubscriptionType.MapClients or SubscriptionType.MapUsers;
        if (isMap && string.IsNullOrEmpty(section["mode"]))
        {
            fault($"{section.Path}:mode", "a map needs a mode: ephemeral, recoverable or persistent", "recoverable");
        }

        if (!isMap && !section.Exists())
        {
            return MapOptions.None;
        }

        var options = new MapOptions { DefaultPageSize = 0, MinPageSize = 0, MaxPageSize = 0, LiveTransitionLimit = 0 };
        foreach (var value in section.GetChildren())
        {
            if (Changes.TryGetValue(value.Key, out var change))
            {
                options = change(this, options, value);
            }
            else
            {
                _values.Unknown(value, Names, $"{section.Path}:key_ttl=60s");
            }
        }

        options = WithDefaults(options with { PublishProxy = proxies.FindSwitchedOn(section, "publish_proxy"), RemoveProxy = proxies.FindSwitchedOn(section, "remove_proxy") });
        if (isMap)
        {
            Check(section, options, type);
        }

        return options;
    }

    // Zero page sizes, too, are the defaults, as in Centrifugo.
    private static MapOptions WithDefaults(MapOptions options)
    {
        options = options.KeepsStream ? options with
        {
            StreamSize = options.StreamSize == 0 ? DefaultStreamSize : options.StreamSize,
            StreamTtl = options.StreamTtl == TimeSpan.Zero ? DefaultStreamTtl : options.StreamTtl,
        } : options;
        var most = options.MaxPageSize == 0 ? MapOptions.MostPerPage : options.MaxPageSize;
        var least = options.MinPageSize == 0 ? Math.Min(MapOptions.None.MinPageSize, most) : options.MinPageSize;
        return options with
        {
            MetaTtl = options.MetaTtl == TimeSpan.Zero ? MetaTtlOf(options) : options.MetaTtl,
            MaxPageSize = most,
            MinPageSize = least,
            DefaultPageSize = options.DefaultPageSize == 0 ? Math.Clamp(MapOptions.None.DefaultPageSize, least, most) : options.DefaultPageSize,
            LiveTransitionLimit = options.LiveTransitionLimit == 0 ? most : options.LiveTransitionLimit,
        };
    }

    private static TimeSpan MetaTtlOf(MapOptions options) => options.Mode switch
    {
        MapMode.Persistent => TimeSpan.Zero,
        MapMode.Recoverable => Longer(options.StreamTtl * 10, options.KeyTtl),
        _ => Longer(EphemeralMetaTtl, options.KeyTtl),
    };

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private void Check(IConfigurationSection section, MapOptions options, SubscriptionType type)
    {
        foreach (var (option, reason, example) in FaultsOf(options, type, section))
        {
            fault($"{section.Path}:{option}", reason, example);
        }
    }

    // A position that expired before keys or changes would let a client take new offsets for old ones.
    private static IEnumerable<(string Option, string Reason, string Example)> FaultsOf(MapOptions options, SubscriptionType type, IConfigurationSection section)
    {
        var isPersistent = options.Mode is MapMode.Persistent;
        (bool IsFault, string Option, string Reason, string Example)[] all =
        [
            (!isPersistent && options.KeyTtl == TimeSpan.Zero, "key_ttl", "the keys of this mode expire: say when", "60s"),
            (isPersistent && options.KeyTtl > TimeSpan.Zero, "key_ttl", "the keys of a persistent map do not expire: use the mode recoverable, or leave it out", "0s"),
            (isPersistent && type is not SubscriptionType.Map, "mode", "the keys of presence have to expire: use ephemeral or recoverable", "recoverable"),
            (!options.KeepsStream && options.StreamSize > 0, "stream_size", "an ephemeral map has no stream: use another mode, or leave it out", "0"),
            (!options.KeepsStream && options.StreamTtl > TimeSpan.Zero, "stream_ttl", "an ephemeral map has no stream: use another mode, or leave it out", "0s"),
            (isPersistent && options.MetaTtl > TimeSpan.Zero, "meta_ttl", "the position of a persistent map stays as long as its keys: leave it out", "0s"),
            (!isPersistent && options.MetaTtl < options.KeyTtl, "meta_ttl", "it is shorter than key_ttl", "10m"),
            (!isPersistent && options.MetaTtl < options.StreamTtl, "meta_ttl", "it is shorter than stream_ttl", "10m"),
            (options.ClientKey is not MapClientKey.Given && options.PublishProxy is not null, "client_key", "the back end of publish_proxy_enabled chooses the key: leave one of the two out", "\"\""),
            (options.ClientKey is not MapClientKey.Given && options.RemoveProxy is not null, "client_key", "the back end of remove_proxy_enabled chooses the key: leave one of the two out", "\"\""),
            (options.MinPageSize > options.MaxPageSize, "min_page_size", "it is more than max_page_size", "100"),
            (options.DefaultPageSize > options.MaxPageSize, "default_page_size", "it is more than max_page_size", "100"),
            (options.DefaultPageSize < options.MinPageSize, "default_page_size", "it is less than min_page_size", "100"),
        ];
        return all.Where(one => one.IsFault && (section["mode"] is { Length: > 0 } || one.Option.EndsWith("_size", StringComparison.Ordinal))).Select(one => (one.Option, one.Reason, one.Example));
    }
}

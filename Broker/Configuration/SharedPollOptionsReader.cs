using System.Collections.Frozen;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <c>shared_poll</c>, the options of a namespace's shared polls: Centrifugo's names and values. docs/reference/namespaces.md#shared-polls</summary>
/// <inheritdoc cref="ChannelOptionsReader"/>
internal sealed class SharedPollOptionsReader(Action<string, string, string> fault, ProxiesReader proxies)
{
    // An answer is read as a whole: more keys would only be a larger one.
    private const int MostKeys = 100_000;

    private readonly SettingValues _values = new(fault);

    private delegate SharedPollOptions Change(SharedPollOptionsReader reader, SharedPollOptions options, IConfigurationSection value);

    // Zero is the default, as in Centrifugo.
    private static readonly FrozenDictionary<string, Change> Changes = new Dictionary<string, Change>(StringComparer.OrdinalIgnoreCase)
    {
        ["proxy_name"] = (_, options, _) => options,
        ["refresh_interval"] = (reader, options, value) => options with { RefreshInterval = reader.Time(value, options.RefreshInterval) },
        ["refresh_batch_size"] = (reader, options, value) => options with { RefreshBatchSize = reader.Count(value, options.RefreshBatchSize) },
        ["max_keys_per_connection"] = (reader, options, value) => options with { MaxKeysPerConnection = reader.Count(value, options.MaxKeysPerConnection) },
        ["mode"] = (reader, options, value) => options with { IsVersioned = reader._values.Choose(value, ("", false), ("versionless", false), ("versioned", true)) },
        ["channel_shutdown_delay"] = (reader, options, value) => options with { ChannelShutdownDelay = reader.Time(value, options.ChannelShutdownDelay) },
        ["track_expired_extra_delay"] = (reader, options, value) => options with { TrackExpiredExtraDelay = reader.Time(value, options.TrackExpiredExtraDelay) },
        ["publish_enabled"] = (reader, options, value) => options with { IsPublishEnabled = reader._values.Flag(value) },
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of the options.</summary>
    public static IReadOnlyCollection<string> Names => Changes.Keys;

    /// <inheritdoc cref="SettingValues.PathOf"/>
    public static string? PathOf(string flatName) => SettingValues.PathOf(flatName, "shared_poll", Names);

    /// <param name="section"><c>shared_poll</c> of a namespace, which may be missing.</param>
    /// <param name="type">The namespace's: whether the options are needed.</param>
    public SharedPollOptions Read(IConfigurationSection section, SubscriptionType type)
    {
        var options = SharedPollOptions.Default;
        foreach (var value in section.GetChildren())
        {
            if (Changes.TryGetValue(value.Key, out var change))
            {
                options = change(this, options, value);
            }
            else
            {
                _values.Unknown(value, Names, $"{section.Path}:refresh_interval=10s");
            }
        }

        if (type is not SubscriptionType.SharedPoll)
        {
            return options;
        }

        if (options is { IsPublishEnabled: true, IsVersioned: false })
        {
            fault($"{section.Path}:publish_enabled", "values can be published only with versions: set mode to versioned", "false");
        }

        return options with { Proxy = proxies.Find($"{section.Path}:proxy_name", section["proxy_name"] is { Length: > 0 } name ? name : ProxiesReader.DefaultName)?.Name };
    }

    private TimeSpan Time(IConfigurationSection value, TimeSpan fallback) => _values.Duration(value, fallback) is { Ticks: > 0 } time ? time : fallback;

    private int Count(IConfigurationSection value, int fallback) => _values.Number(value, MostKeys) is > 0 and var count ? count : fallback;
}

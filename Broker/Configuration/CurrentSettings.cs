namespace ClawEvents.Broker.Configuration;

/// <summary>The current settings, replaced as a whole when they are reloaded.</summary>
/// <remarks>Code that watches it for changes, such as .NET's logging, is notified. Not for concurrent replacements.</remarks>
internal sealed class CurrentSettings : ConfigurationProvider, IConfigurationSource
{
    public CurrentSettings(StartupSettings settings) => (Data, Origins) = (Flatten(settings.Configuration), settings.Origins);

    /// <summary>Where they come from; later ones override earlier ones.</summary>
    public IReadOnlyList<SettingOrigin> Origins { get; private set; }

    IConfigurationProvider IConfigurationSource.Build(IConfigurationBuilder builder) => this;

    /// <returns>Names of the settings that have changed.</returns>
    public IReadOnlyList<string> Replace(StartupSettings settings)
    {
        var (before, after) = (Data, Flatten(settings.Configuration));
        (Data, Origins) = (after, settings.Origins);
        OnReload();
        return [.. before.Keys.Union(after.Keys).Where(name => before.ContainsKey(name) != after.ContainsKey(name) || before[name] != after[name]).Order(StringComparer.Ordinal)];
    }

    private static Dictionary<string, string?> Flatten(IConfiguration settings) =>
        settings.AsEnumerable().Where(pair => pair.Value is not null).ToDictionary(StringComparer.OrdinalIgnoreCase);
}

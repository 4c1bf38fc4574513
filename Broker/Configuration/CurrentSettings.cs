namespace ClawEvents.Broker.Configuration;

/// <summary>The settings as they are now: one source, exchanged as a whole when they are read anew.</summary>
/// <remarks>Whoever watches it for changes, as .NET's logging does, is told. One exchange at a time.</remarks>
internal sealed class CurrentSettings : ConfigurationProvider, IConfigurationSource
{
    public CurrentSettings(IConfiguration settings) => Data = Flatten(settings);

    IConfigurationProvider IConfigurationSource.Build(IConfigurationBuilder builder) => this;

    /// <returns>Names of the settings that are different now.</returns>
    public IReadOnlyList<string> Replace(IConfiguration settings)
    {
        var (before, after) = (Data, Flatten(settings));
        Data = after;
        OnReload();
        return [.. before.Keys.Union(after.Keys).Where(name => before.ContainsKey(name) != after.ContainsKey(name) || before[name] != after[name]).Order(StringComparer.Ordinal)];
    }

    private static Dictionary<string, string?> Flatten(IConfiguration settings) =>
        settings.AsEnumerable().Where(pair => pair.Value is not null).ToDictionary(StringComparer.OrdinalIgnoreCase);
}

using ClawEvents.Broker.Text;
using Microsoft.Extensions.Primitives;

namespace ClawEvents.Broker.Configuration;

/// <summary>Settings that remember which names were asked for, and so know the names that nobody reads.</summary>
/// <remarks>Not thread-safe: for the reading at the start.</remarks>
internal sealed class AskedSettings(IConfiguration settings) : IConfiguration
{
    // Shorter names are near too many others.
    private const int MinMisspeltLength = 5;

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>All single settings and sections that were asked for.</summary>
    public IReadOnlyCollection<string> Names => _names;

    /// <inheritdoc/>
    public string? this[string key]
    {
        get
        {
            _names.Add(key);
            return settings[key];
        }
        set => throw new NotSupportedException("These settings are only read.");
    }

    /// <inheritdoc/>
    public IConfigurationSection GetSection(string key)
    {
        _names.Add(key);
        return settings.GetSection(key);
    }

    /// <inheritdoc/>
    public IEnumerable<IConfigurationSection> GetChildren() => settings.GetChildren();

    /// <inheritdoc/>
    public IChangeToken GetReloadToken() => settings.GetReloadToken();

    /// <summary>One line for each setting of a source that nobody has asked for, with the name that was probably meant.</summary>
    /// <param name="source">A file or the arguments; not the environment, where most names are other programs'.</param>
    public IEnumerable<string> DescribeUnknown(IConfiguration source)
    {
        var known = FirstParts();
        return from section in source.GetChildren()
               where !known.Contains(section.Key)
               select CentrifugoReview.Describe(section.Key, NearestName.Find(section.Key, known));
    }

    /// <summary>One line for each variable that is probably a misspelt setting. Most variables are other programs'.</summary>
    /// <param name="environment">All variables.</param>
    public IEnumerable<string> DescribeMisspelt(IConfiguration environment)
    {
        // People rarely mistake the first letter, and each start compares all variables.
        var known = FirstParts();
        var byLetter = known.ToLookup(name => char.ToUpperInvariant(name[0]));
        return from section in environment.GetChildren()
               where section.Key.Length >= MinMisspeltLength && !known.Contains(section.Key)
               let near = NearestName.Find(section.Key, byLetter[char.ToUpperInvariant(section.Key[0])])
               where near is not null
               select CentrifugoReview.Describe(section.Key, near);
    }

    // Sections are asked for by single keys in them, too.
    private HashSet<string> FirstParts() => _names.Select(name => name.Split(':')[0]).ToHashSet(StringComparer.OrdinalIgnoreCase);
}

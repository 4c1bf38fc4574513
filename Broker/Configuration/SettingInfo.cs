namespace ClawEvents.Broker.Configuration;

/// <summary>Settings that belong together.</summary>
internal sealed record SettingTopic(string Title, IReadOnlyList<SettingInfo> Settings);

/// <summary>How much of a setting's value may be shown.</summary>
internal enum Secrecy
{
    /// <summary>All of it.</summary>
    None,

    /// <summary>All but the users and passwords in addresses.</summary>
    Addresses,

    /// <summary>Nothing.</summary>
    Whole,
}

/// <summary>What is known of a setting before its value is read.</summary>
/// <param name="Name">A name, or that of a section.</param>
/// <param name="Default">In words, when it is no value.</param>
/// <param name="Summary">A few words for the help; docs/reference/settings.md has the whole meaning.</param>
internal sealed record SettingInfo(string Name, string Default, string Summary)
{
    public Secrecy Secrecy { get; init; }

    /// <summary>Whether SIGHUP changes it in a running broker.</summary>
    public bool IsReloadable { get; init; }

    /// <summary>For a section, what follows its name in the keys of its settings; otherwise empty.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>Whether it is the setting of this key.</summary>
    public bool Owns(string key) =>
        key.Equals(Name, StringComparison.OrdinalIgnoreCase)
        || (Suffix.Length > 0 && key.StartsWith($"{Name}:", StringComparison.OrdinalIgnoreCase));
}

using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Configuration;

/// <summary>Where settings come from.</summary>
/// <param name="Name">Shown to operators.</param>
internal sealed record SettingOrigin(string Name, IConfiguration Settings);

/// <summary>The values that a broker would run with, for operators: each with the place that it comes from, and without secrets.</summary>
internal static partial class EffectiveSettings
{
    private const string Hidden = "(hidden)";
    private const string DefaultOrigin = "default";

    // Options of back ends that hold keys.
    private const string SecretOption = "static_headers";

    /// <returns>Lines of text: topics, and under each its settings.</returns>
    /// <param name="origins">Later ones override earlier ones.</param>
    public static IEnumerable<string> Describe(IReadOnlyList<SettingOrigin> origins)
    {
        foreach (var topic in SettingCatalog.Topics)
        {
            yield return $"# {topic.Title}";
            foreach (var line in topic.Settings.SelectMany(setting => Describe(setting, origins)))
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<string> Describe(SettingInfo setting, IReadOnlyList<SettingOrigin> origins)
    {
        var keys = setting.Suffix.Length == 0 ? [setting.Name] : KeysOf(setting, origins);
        return keys.Count == 0 ? [Line(setting.Name, setting.Default, DefaultOrigin)] : keys.Select(key => Describe(setting, key, origins));
    }

    // An empty value counts as none, and still overrides those before it.
    private static string Describe(SettingInfo setting, string key, IReadOnlyList<SettingOrigin> origins) =>
        origins.LastOrDefault(origin => origin.Settings[key] is not null) is { } found && found.Settings[key] is { Length: > 0 } value
            ? Line(key, Shown(setting, key, value), found.Name)
            : Line(key, setting.Default, DefaultOrigin);

    private static List<string> KeysOf(SettingInfo section, IReadOnlyList<SettingOrigin> origins) =>
    [
        .. origins.SelectMany(origin => origin.Settings.AsEnumerable())
            .Where(pair => pair.Value is not null && section.Owns(pair.Key))
            .Select(pair => pair.Key)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.OrdinalIgnoreCase),
    ];

    private static string Line(string name, string value, string origin) => $"{name} = {value.ReplaceLineEndings(" ")}   ({origin})";

    private static string Shown(SettingInfo setting, string key, string value) => setting.Secrecy switch
    {
        Secrecy.Whole => Hidden,
        Secrecy.Addresses when key.Contains(SecretOption, StringComparison.OrdinalIgnoreCase) => Hidden,
        Secrecy.Addresses => PasswordParameter().Replace(UserInfo().Replace(value, $"//{Hidden}@"), $"$1{Hidden}"),
        _ => value,
    };

    // Up to the last @ of an address: a password that is not encoded may contain one.
    [GeneratedRegex(@"//[^,\s]*@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(password=)[^&,\s]*", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordParameter();
}

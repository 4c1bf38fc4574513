using System.Text.RegularExpressions;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Configuration;

/// <summary>Where settings come from.</summary>
/// <param name="Name">Shown to operators.</param>
internal sealed record SettingOrigin(string Name, IConfiguration Settings);

/// <summary>A value in effect.</summary>
/// <param name="Value">On one line, without secrets.</param>
/// <param name="Origin">Where it comes from, for operators.</param>
internal sealed record EffectiveSetting(string Name, string Value, string Origin, bool IsReloadable);

/// <summary>The values in effect that belong together.</summary>
internal sealed record EffectiveTopic(string Title, IReadOnlyList<EffectiveSetting> Settings);

/// <summary>The values that a broker would run with, for operators: each with the place that it comes from, and without secrets.</summary>
internal static partial class EffectiveSettings
{
    private const string Hidden = "(hidden)";
    private const string DefaultOrigin = "default";

    // Options of back ends that hold keys.
    private static readonly string[] SecretOptions = ["static_headers", "grpc_credentials_value"];

    // Options of queues, by the last part of the key.
    private static readonly string[] SecretEndings = [":dsn", ":partition_notification_dsn", ":password", ":sasl_password", ":token", ":key_pem", ":connection_string", ":client_secret"];

    /// <returns>Lines of text: topics, and under each its settings.</returns>
    /// <param name="origins">Later ones override earlier ones.</param>
    public static IEnumerable<string> Describe(IReadOnlyList<SettingOrigin> origins)
    {
        foreach (var topic in Read(origins))
        {
            yield return $"# {topic.Title}";
            foreach (var setting in topic.Settings)
            {
                yield return $"{setting.Name} = {setting.Value}   ({setting.Origin})";
            }
        }
    }

    /// <inheritdoc cref="Describe"/>
    /// <returns>The same as values.</returns>
    public static IEnumerable<EffectiveTopic> Read(IReadOnlyList<SettingOrigin> origins) =>
        SettingCatalog.Topics.Select(topic => new EffectiveTopic(topic.Title, [.. topic.Settings.SelectMany(setting => Read(setting, origins))]));

    private static IEnumerable<EffectiveSetting> Read(SettingInfo setting, IReadOnlyList<SettingOrigin> origins)
    {
        var keys = setting.Suffix.Length == 0 ? [setting.Name] : KeysOf(setting, origins);
        return keys.Count == 0 ? [Setting(setting, setting.Name, setting.Default, DefaultOrigin)] : keys.Select(key => Read(setting, key, origins));
    }

    // An empty value counts as none, and still overrides those before it.
    private static EffectiveSetting Read(SettingInfo setting, string key, IReadOnlyList<SettingOrigin> origins) =>
        origins.LastOrDefault(origin => origin.Settings[key] is not null) is { } found && found.Settings[key] is { Length: > 0 } value
            ? Setting(setting, key, Shown(setting, key, value), found.Name)
            : Setting(setting, key, setting.Default, DefaultOrigin);

    private static List<string> KeysOf(SettingInfo section, IReadOnlyList<SettingOrigin> origins) =>
    [
        .. origins.SelectMany(origin => origin.Settings.AsEnumerable())
            .Where(pair => pair.Value is not null && section.Owns(pair.Key))
            .Select(pair => pair.Key)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.OrdinalIgnoreCase),
    ];

    private static EffectiveSetting Setting(SettingInfo setting, string name, string value, string origin) =>
        new(name, value.ReplaceLineEndings(" "), origin, setting.IsReloadable);

    private static string Shown(SettingInfo setting, string key, string value) => setting.Secrecy switch
    {
        Secrecy.Whole => Hidden,
        _ when PemText.IsText(value) => Hidden,
        Secrecy.Addresses when SecretOptions.Any(option => key.Contains(option, StringComparison.OrdinalIgnoreCase)) || Array.Exists(SecretEndings, ending => key.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) => Hidden,
        Secrecy.Addresses => PasswordParameter().Replace(UserInfo().Replace(value, $"//{Hidden}@"), $"$1{Hidden}"),
        _ => value,
    };

    // Up to the last @ of an address: a password that is not encoded may contain one.
    [GeneratedRegex(@"//[^,\s]*@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(password=)[^&,\s]*", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordParameter();
}

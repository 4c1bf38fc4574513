namespace ClawEvents.Broker.Configuration;

/// <summary>The settings by topic, for the help of the program.</summary>
internal static class SettingHelp
{
    private const string ReloadMark = "*";

    public static IEnumerable<string> Describe()
    {
        yield return "Settings, as environment variables, in appsettings.json, or as --NAME=VALUE (docs/reference/settings.md).";
        yield return $"In variables, __ stands for a colon. {ReloadMark} Reloaded on SIGHUP; others need a restart.";
        var width = SettingCatalog.Topics.SelectMany(topic => topic.Settings).Max(setting => NameOf(setting).Length) + 1;
        foreach (var topic in SettingCatalog.Topics)
        {
            yield return "";
            yield return $"{topic.Title}:";
            foreach (var setting in topic.Settings)
            {
                var mark = setting.IsReloadable ? ReloadMark : " ";
                yield return $"  {NameOf(setting).PadRight(width)}{mark} {setting.Summary} [{setting.Default}]";
            }
        }
    }

    private static string NameOf(SettingInfo setting) => setting.Name + setting.Suffix;
}

namespace ClawEvents.Broker.Configuration;

/// <summary>Checks .NET's section <c>Logging</c>, whose own errors would not name the setting.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class LoggingSettingsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    /// <summary>The form for people, which is the default.</summary>
    public const string TextFormat = "simple";

    private const string FormatKey = "Logging:Console:FormatterName";

    // Those of Microsoft.Extensions.Logging.Console.
    private static readonly string[] Formats = [TextFormat, "json", "systemd"];

    /// <returns>The form of the log's lines.</returns>
    public string ReadFormat()
    {
        CheckLevels("Logging:LogLevel");
        CheckLevels("Logging:Console:LogLevel");
        var format = configuration[FormatKey] is { Length: > 0 } text ? text.ToLowerInvariant() : TextFormat;
        if (Formats.Contains(format))
        {
            return format;
        }

        fault(FormatKey, $"'{format}' is not one of {string.Join(", ", Formats)}", "json");
        return TextFormat;
    }

    private void CheckLevels(string section)
    {
        foreach (var level in configuration.GetSection(section).GetChildren())
        {
            if (!Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _))
            {
                fault(level.Path, $"'{level.Value}' is not one of {string.Join(", ", Enum.GetNames<LogLevel>())}", "Information");
            }
        }
    }
}

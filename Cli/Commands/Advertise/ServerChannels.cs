using System.Globalization;
using System.Text.Json;

namespace ClawEvents.Cli.Commands.Advertise;

/// <summary>The built-in channels of every server, which nobody advertises.</summary>
internal static class ServerChannels
{
    /// <summary>The name they are listed under.</summary>
    public const string Agent = "system";

    public static IReadOnlyList<(string Channel, string Description)> All { get; } =
    [
        ("public.townsquare", "Anybody can read and write"),
        ("public.access", "Requests for access to locked channels"),
        ("system.timer.second", "Every second"),
        ("system.timer.minute", "Every minute"),
        ("system.timer.hour", "Every hour"),
        ("system.timer.day", "Every day at midnight UTC"),
        .. Named("week", "Every {0} at midnight UTC", CultureInfo.InvariantCulture.DateTimeFormat.DayNames),
        .. Named("monthly", "Every 1 {0} at midnight UTC", CultureInfo.InvariantCulture.DateTimeFormat.MonthNames[..12]),
        ("system.timer.yearly", "Every 1 January at midnight UTC"),
    ];

    /// <summary>Writes some of them as list items, in the form of advertisements.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<(string Channel, string Description)> channels)
    {
        foreach (var (channel, description) in channels)
        {
            json.WriteStartObject();
            json.WriteString("channel"u8, channel);
            json.WriteString("description"u8, description);
            json.WriteEndObject();
        }
    }

    private static IEnumerable<(string Channel, string Description)> Named(string timer, string description, IEnumerable<string> names) =>
        names.Select(name => ($"system.timer.{timer}.{name.ToLowerInvariant()}", description.Replace("{0}", name, StringComparison.Ordinal)));
}

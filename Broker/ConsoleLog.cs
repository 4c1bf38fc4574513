using Microsoft.Extensions.Logging.Console;

namespace ClawEvents.Broker;

/// <summary>The log on the standard output: one event per line, as text or as JSON. docs/reference/logs.md</summary>
internal static class ConsoleLog
{
    /// <param name="settings">The section <c>Logging</c>. Levels that change in it take effect immediately.</param>
    public static void Add(ILoggingBuilder logging, IConfigurationSection settings)
    {
        // Options are set in this order: what the settings say comes last.
        logging.Services
            .Configure<ConsoleLoggerOptions>(console => console.FormatterName = ConsoleFormatterNames.Simple)
            .Configure<SimpleConsoleFormatterOptions>(simple =>
            {
                simple.SingleLine = true;
                StampTime(simple, separator: " ");
            })
            .Configure<JsonConsoleFormatterOptions>(json => StampTime(json, separator: ""))
            .Configure<ConsoleFormatterOptions>(systemd => StampTime(systemd, separator: " "));

        // The last rule for a category wins. The hosting's own log of requests contains their queries, and so the key of a server API that
        // is called with ?api_key=: no setting can switch it on. Its host would write the stack trace of a start that failed, beside the line
        // that says why.
        logging
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddConfiguration(settings)
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddConsole();
    }

    private static void StampTime(ConsoleFormatterOptions formatter, string separator)
    {
        formatter.TimestampFormat = $"yyyy-MM-ddTHH:mm:ss.fffZ{separator}";
        formatter.UseUtcTimestamp = true;
    }
}

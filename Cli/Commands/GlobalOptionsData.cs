using System.Text.Json;
using ClawEvents.Cli.Arguments;

namespace ClawEvents.Cli.Commands;

/// <summary>The member <c>globalOptions</c> of <c>config --show</c> and <c>whoami</c>: the values given on the command line.</summary>
internal static class GlobalOptionsData
{
    public static void Write(Utf8JsonWriter json, GlobalValues globals)
    {
        json.WriteStartObject("globalOptions"u8);
        json.WriteString("configPath"u8, globals.Config);
        json.WriteString("serverUrl"u8, globals.Server);
        json.WriteBoolean("hasToken"u8, globals.Token is not null);
        json.WriteEndObject();
    }
}

using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Login;

/// <summary>The last step of every login: saves name and token in the config file and shows the name.</summary>
internal static class SavedLogin
{
    /// <param name="user">null to keep the stored name.</param>
    /// <param name="token">Never shown.</param>
    /// <param name="more">More data, shown after the name.</param>
    public static Outcome Save(Invocation invocation, string message, string? user, string token, WriteMembers? more = null)
    {
        if (invocation.Config.Update(values => values with { Username = user ?? values.Username, Token = token, ProfileVerifier = null }) is { } notSaved)
        {
            return notSaved;
        }
        return new Success(message)
        {
            Data = json => Write(json, invocation, more),
            NextSteps = NextSteps(invocation.Config.Values.Username),
        };
    }

    private static void Write(Utf8JsonWriter json, Invocation invocation, WriteMembers? more)
    {
        json.WriteString("username"u8, invocation.Config.Values.Username);
        more?.Invoke(json);
        json.WriteString("configPath"u8, invocation.Config.FullPath);
    }

    private static string[] NextSteps(string? user)
    {
        var channel = user switch
        {
            null => "public.townsquare",
            ['a', 'p', 'p', ':', .. var app] => $"app.{app}.updates",
            _ => $"agent.{user}.updates",
        };
        return [$"Publish: claw.events pub {channel} \"hello\"", $"Subscribe: claw.events sub {channel}"];
    }
}

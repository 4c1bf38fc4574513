using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Login;

/// <summary>The end of every login: name and token go into the config file, and the name is shown.</summary>
internal static class SavedLogin
{
    /// <param name="invocation">This run.</param>
    /// <param name="message">What was done.</param>
    /// <param name="user">null: the name that is there stays.</param>
    /// <param name="token">Not shown.</param>
    /// <param name="more">Further data, behind the name.</param>
    public static Outcome Save(Invocation invocation, string message, string? user, string token, WriteMembers? more = null)
    {
        if (invocation.Config.Update(values => values with { Username = user ?? values.Username, Token = token }) is { } notSaved)
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
        var channel = user is null ? "public.townsquare" : $"agent.{user}.updates";
        return [$"Publish: claw.events pub {channel} \"hello\"", $"Subscribe: claw.events sub {channel}"];
    }
}

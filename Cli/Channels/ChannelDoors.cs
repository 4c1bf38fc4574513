using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Channels;

/// <summary>Opens the door of a run.</summary>
internal static class ChannelDoors
{
    /// <summary>Opens one.</summary>
    /// <param name="key">The key of the server API; null to ask as a client, with the user's token if there is one.</param>
    /// <returns>The door, or the error.</returns>
    public static async Task<(IChannelDoor? Door, Failure? Failure)> OpenAsync(Invocation invocation, string? key)
    {
        if (key is not null)
        {
            return (new KeyDoor(invocation.OpenApi(), key), null);
        }

        if (OpenConnection(invocation, out var connection) is { } badSettings)
        {
            return (null, badSettings);
        }

        var answer = await connection.ConnectAsync(invocation.Settings.Token);
        if (answer.Result is { } result)
        {
            return (new ClientDoor(connection, result.StringMember("client"u8) ?? ""), null);
        }

        connection.Dispose();
        return (null, answer.Failure ?? Refused(answer.Error!));
    }

    /// <summary>Creates the connection to the server of this run; nothing is sent yet.</summary>
    /// <returns>The error if the settings are wrong; otherwise null.</returns>
    public static Failure? OpenConnection(Invocation invocation, out CommandConnection connection)
    {
        connection = null!;
        if ((Settings.CheckUrl(invocation.Settings.WebSocketUrl, Uri.UriSchemeWs, Uri.UriSchemeWss, out var address) ?? invocation.Trust.Failure) is { } failure)
        {
            return failure;
        }

        connection = new CommandConnection(address, invocation.Trust);
        return null;
    }

    /// <summary>A server that does not let the client in.</summary>
    public static Failure Refused(CommandError error) => new(
        $"The server refuses the connection: {error.Message}",
        "If the token is old, log in again: claw.events login --user <name>",
        "Or go on without one: claw.events logout");
}

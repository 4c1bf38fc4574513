using System.CommandLine;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Channels;
using ClawEvents.Cli.Commands.Server;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Channels;

/// <summary>Shows who is subscribed to a channel.</summary>
internal sealed class PresenceCommand : Verb
{
    private readonly Argument<string> _channel = Word("channel");
    private readonly Option<bool> _count = GlobalOptions.Flag("--count").WithHelp("Only the numbers of clients and users");
    private readonly Option<string[]> _key = ServerKey.Option();

    public PresenceCommand()
        : base("presence", new VerbHelp(
            "Show who is subscribed to a channel",
            "claw.events presence <channel> [options]",
            "commands/presence",
            "claw.events presence public.townsquare",
            "claw.events presence public.townsquare --count --json"))
    {
        Arguments.Add(_channel);
        Options.Add(_count);
        Options.Add(_key);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_channel) is not { Length: > 0 } channel)
        {
            return Missing("Missing channel parameter");
        }
        if (ServerKey.ReadGiven(invocation, _key, out var key) is { } badKey)
        {
            return badKey;
        }

        var (door, failure) = await ChannelDoors.OpenAsync(invocation, key);
        using (door)
        {
            return door is null ? failure! : await AskAsync(door, channel, onlyCounts: invocation.Parse.Given(_count));
        }
    }

    private static async Task<Outcome> AskAsync(IChannelDoor door, string channel, bool onlyCounts)
    {
        var answer = await door.AskAsync(onlyCounts ? "presence_stats" : "presence", channel);
        if (onlyCounts && door.PresentAs is not null)
        {
            // The numbers include this client itself: counted from the list, they need not.
            answer = await door.AskAsync("presence", channel);
        }
        if (answer.Result is not { } result)
        {
            return answer.Failure ?? ChannelRefusal.Of("presence", channel, answer.Error!);
        }
        if (result.Member("presence"u8) is not { ValueKind: JsonValueKind.Object } present)
        {
            return SuccessFor(channel, result.IntegerMember("num_clients"u8) ?? 0, result.IntegerMember("num_users"u8) ?? 0, null);
        }

        JsonElement[] others = [.. present.EnumerateObject().Where(client => client.Name != door.PresentAs).Select(client => client.Value)];
        return SuccessFor(channel, others.Length, others.Select(UserOf).Distinct(StringComparer.Ordinal).Count(), onlyCounts ? null : others);
    }

    private static Success SuccessFor(string channel, long clients, long users, IReadOnlyList<JsonElement>? subscribers) =>
        new($"Subscribed to {channel}: {Counted(clients, "client")} of {Counted(users, "user")}")
        {
            Confirms = false,
            Data = json =>
            {
                json.WriteString("channel"u8, channel);
                json.WriteNumber("clients"u8, clients);
                json.WriteNumber("users"u8, users);
                if (subscribers is not null)
                {
                    json.WriteStartArray("subscribers"u8);
                    foreach (var subscriber in subscribers.OrderBy(UserOf, StringComparer.Ordinal))
                    {
                        WriteSubscriber(json, subscriber);
                    }
                    json.WriteEndArray();
                }
            },
        };

    // {"user":"alice","client":"<UUID>","conn_info":<json>,"chan_info":<json>}
    private static void WriteSubscriber(Utf8JsonWriter json, JsonElement subscriber)
    {
        json.WriteStartObject();
        json.WriteString("user"u8, UserOf(subscriber));
        json.WriteMember("client"u8, subscriber.Member("client"u8));
        if (subscriber.Member("conn_info"u8) is { } ofConnection)
        {
            json.WriteMember("connectionInfo"u8, ofConnection);
        }
        if (subscriber.Member("chan_info"u8) is { } ofChannel)
        {
            json.WriteMember("channelInfo"u8, ofChannel);
        }
        json.WriteEndObject();
    }

    private static string UserOf(JsonElement subscriber) => subscriber.StringMember("user"u8) ?? "";

    private static string Counted(long count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}

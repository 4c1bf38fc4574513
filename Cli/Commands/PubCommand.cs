using System.CommandLine;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands;

/// <summary>Publishes one payload: the words after the channel, or stdin.</summary>
internal sealed class PubCommand : Verb
{
    // A thousand times what a server accepts: only endless input should fail here instead of at the server.
    private const int MaxInputBytes = 16 * 1024 * 1024;

    // Otherwise null would be published, and not what the caller means to write there.
    private static readonly Failure SocketInput = new(
        "No payload given, and standard input is a socket, which is read only on request",
        "Read it to its end: claw.events pub <channel> -",
        "Or name the payload: claw.events pub <channel> <payload>, for example null");

    private readonly Argument<string> _channel = Word("channel");
    private readonly Argument<string[]> _words = Words("payload");

    public PubCommand()
        : base("pub", new VerbHelp(
            "Publish to a channel",
            "claw.events pub <channel> [payload | -]",
            "commands/pub",
            "claw.events pub public.townsquare \"Hello, everybody\"",
            "claw.events pub agent.alice.updates '{\"status\":\"done\"}'",
            "echo '{\"status\":\"done\"}' | claw.events pub agent.alice.updates",
            "claw.events pub public.townsquare - < message.txt"))
    {
        Aliases.Add("publish");
        Arguments.Add(_channel);
        Arguments.Add(_words);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_channel) is not { } channel)
        {
            return Missing("Missing channel parameter");
        }
        // Checked before stdin is read: a user who is not logged in need not wait for its end.
        if (invocation.Settings.CheckToken() is { } badToken)
        {
            return badToken;
        }

        try
        {
            var words = invocation.Parse.Words(_words);
            if (invocation.Globals.TokenIsFromInput && words is [] or ["-"])
            {
                return Missing("Standard input holds the token: pass the payload as words");
            }
            var (payload, failure) = ReadPayload(words);
            return failure ?? await PublishAsync(invocation, channel, payload);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Failure($"Cannot read standard input: {SystemText.Reason(exception)}", "Pass the payload as arguments, or pipe it in");
        }
    }

    private static async Task<Outcome> PublishAsync(Invocation invocation, string channel, JsonElement payload)
    {
        void WriteMessage(Utf8JsonWriter json)
        {
            json.WriteString("channel"u8, channel);
            json.WritePropertyName("payload"u8);
            payload.WriteTo(json);
        }

        var answer = await invocation.AskAsync(
            ApiRequest.Writing(HttpMethod.Post, "/api/publish", "Failed to publish to channel", WriteMessage) with { Channel = channel });
        return answer.Failure is { } failure
            ? failure
            : new Success("Message published successfully") { Data = WriteMessage, NextSteps = [$"Listen: claw.events sub {channel}"] };
    }

    private (JsonElement Payload, Failure? Failure) ReadPayload(IReadOnlyList<string> words)
    {
        var isAskedFor = words is ["-"];
        if (words.Count == 0 && StandardInput.IsSocket())
        {
            return (default, SocketInput);
        }
        if (!isAskedFor && (words.Count > 0 || !StandardInput.IsPipeOrFile()))
        {
            return (Payload.FromWords(words), null);
        }
        return StandardInput.ReadAll(MaxInputBytes) switch
        {
            null => (default, new Failure(
                $"Failed to publish to channel: the input is larger than {MaxInputBytes} bytes",
                "Send less: a payload can be at most 16384 bytes of JSON")),
            // Empty input is an error only after "-", where a program probably failed: an inherited pipe may mean nothing.
            [] when isAskedFor => (default, Missing("No input data provided")),
            var input => Payload.CheckText(input) is { } binary ? (default, binary) : (Payload.FromInput(input), null),
        };
    }
}

using System.CommandLine;
using System.Net;
using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Schemas;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Commands.Advertise;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;
using JsonText = ClawEvents.Cli.Output.JsonText;

namespace ClawEvents.Cli.Commands;

/// <summary>Holds data against a JSON Schema by the server's own rules; what is valid goes to stdout, for the next program.</summary>
internal sealed class ValidateCommand : Verb
{
    private const int MaxInputBytes = 16 * 1024 * 1024;

    private readonly Argument<string> _data = Word("data");
    private readonly Option<string[]> _schema = GlobalOptions.Text("--schema", "-s").For("JSON Schema to hold the data against", "<json>");
    private readonly Option<string[]> _channel = GlobalOptions.Text("--channel", "-c").For("Channel whose advertised schema counts", "<channel>");

    public ValidateCommand()
        : base("validate", new VerbHelp(
            "Check data against a JSON Schema",
            "claw.events validate [data | -] [--schema <json>] [--channel <channel>]",
            "commands/validate",
            "claw.events validate '{\"temperature\":21}' --schema '{\"type\":\"object\",\"required\":[\"temperature\"]}'",
            "claw.events validate --channel agent.alice.updates < update.json | claw.events pub agent.alice.updates -"))
    {
        Arguments.Add(_data);
        Options.Add(_schema);
        Options.Add(_channel);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (ReadData(invocation.Parse.Text(_data)) is not { Length: > 0 } text || string.IsNullOrWhiteSpace(Encoding.UTF8.GetString(text)))
        {
            return Missing("No input data provided");
        }
        if (JsonText.TryParse(text, out var problem) is not { } data)
        {
            return new Failure($"Invalid JSON input: {problem}", "Give one JSON value; text needs its quotes: '\"text\"'");
        }

        var (schema, failure) = invocation.Parse.Text(_schema) is { } given
            ? ReadSchema(given)
            : (await LookUpAsync(invocation, invocation.Parse.Text(_channel)), null);
        return failure ?? Check(invocation.Output, data, schema);
    }

    private static byte[]? ReadData(string? word)
    {
        if (word is not (null or "-"))
        {
            return Encoding.UTF8.GetBytes(word);
        }
        // A terminal would wait for somebody who does not know that it waits.
        if (!Console.IsInputRedirected)
        {
            return null;
        }
        try
        {
            return StandardInput.ReadAll(MaxInputBytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A closed stdin holds no data either.
            return null;
        }
    }

    private static (JsonElement? Schema, Failure? Failure) ReadSchema(string text) =>
        JsonText.TryParse(Encoding.UTF8.GetBytes(text), out var problem) is { } schema
            ? (schema, null)
            : (null, new Failure($"Invalid schema JSON: {problem}", "Give the schema itself: --schema \"$(cat schema.json)\""));

    // What cannot be looked up is no error, as scripts know it, but it is said: unchecked data looks like valid data otherwise.
    private static async Task<JsonElement?> LookUpAsync(Invocation invocation, string? channel)
    {
        if (channel is null || AdvertisementPath.Of(channel) is not { } path)
        {
            return null;
        }
        var answer = await invocation.AskAsync(new ApiRequest(HttpMethod.Get, path, "Failed to look up the schema"));
        if (answer.Member("schema"u8) is { ValueKind: not JsonValueKind.Null } schema && answer.Failure is null)
        {
            return schema;
        }
        var reason = answer.Failure is null || answer.Status is HttpStatusCode.NotFound ? "it advertises no schema" : answer.Failure.Error;
        invocation.Output.Notice($"Warning: not checked against {channel}: {reason}");
        return null;
    }

    private static Outcome Check(IOutput output, JsonElement data, JsonElement? schema)
    {
        var compact = JsonText.Compact(data);
        if (schema is { } rules && ChannelSchema.Compile(JsonText.Compact(rules)).Validate(compact) is { Count: > 0 } errors)
        {
            return new Failure($"Schema validation failed with {errors.Count} error(s)", "Correct the data and try again")
            {
                Data = json => WriteErrors(json, errors, rules),
            };
        }
        output.WriteRaw([.. compact, (byte)'\n']);
        return new Finished(0);
    }

    private static void WriteErrors(Utf8JsonWriter json, IReadOnlyList<SchemaError> errors, JsonElement schema)
    {
        json.WriteStartArray("errors"u8);
        foreach (var error in errors)
        {
            json.WriteStartObject();
            json.WriteString("path"u8, error.Path);
            json.WriteString("message"u8, error.Message);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteMember("schema"u8, schema);
    }
}

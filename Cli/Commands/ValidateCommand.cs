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

/// <summary>Validates data against a JSON Schema with the server's own code; valid data goes to stdout, for the next program.</summary>
internal sealed class ValidateCommand : Verb
{
    private const int MaxInputBytes = 16 * 1024 * 1024;

    private readonly Argument<string> _data = Word("data");
    private readonly Option<string[]> _schema = GlobalOptions.Text("--schema", "-s").WithHelp("JSON Schema to validate against", "<json>");
    private readonly Option<string[]> _channel = GlobalOptions.Text("--channel", "-c").WithHelp("Validate against the schema that this channel advertises", "<channel>");

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
        if (Payload.CheckText(text) is { } binary)
        {
            return binary;
        }
        if (JsonText.TryParse(text, out var problem) is not { } data)
        {
            return new Failure($"Invalid JSON input: {problem}", "Pass one JSON value; text needs quotes: '\"text\"'");
        }

        var (schema, failure) = invocation.Parse.Text(_schema) is { } given
            ? ReadSchema(given)
            : (await LookUpSchemaAsync(invocation, invocation.Parse.Text(_channel)), null);
        return failure ?? CheckData(invocation.Output, data, schema);
    }

    private static byte[]? ReadData(string? word)
    {
        if (word is not (null or "-"))
        {
            return Encoding.UTF8.GetBytes(word);
        }
        // On a terminal it would wait for input without saying so.
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
            : (null, new Failure($"Invalid schema JSON: {problem}", "Pass the schema itself: --schema \"$(cat schema.json)\""));

    // A failed lookup is not an error, because scripts rely on that. The warning tells unchecked data from valid data.
    private static async Task<JsonElement?> LookUpSchemaAsync(Invocation invocation, string? channel)
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
        var reason = answer.Failure is null || answer.Status is HttpStatusCode.NotFound ? "it advertises no schema" : answer.Failure.Plain ?? answer.Failure.Error;
        invocation.Output.WriteNotice($"Warning: the data was not checked against the schema of {channel}: {reason}");
        return null;
    }

    private static Outcome CheckData(IOutput output, JsonElement data, JsonElement? schema)
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

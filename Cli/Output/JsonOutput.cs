using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClawEvents.Cli.Output;

/// <summary>One pretty-printed JSON object per result, two spaces, for programs.</summary>
internal sealed class JsonOutput(OutputStreams streams) : IOutput
{
    // The format of JavaScript's JSON.stringify(value, null, 2): non-ASCII text and quotes in text stay readable.
    private static readonly JsonWriterOptions Pretty = new()
    {
        Indented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = JsonText.MaxDepth,
    };

    public void Write(Success success) => streams.WriteResult(Encode(json =>
    {
        json.WriteString("status"u8, "success"u8);
        json.WriteString("message"u8, success.Message);
        WriteData(json, success.Data);
        WriteList(json, "nextSteps", success.NextSteps);
        WriteList(json, "documentation", success.Documentation);
    }));

    public void Write(Failure failure) => streams.WriteError(Encode(json =>
    {
        json.WriteString("status"u8, "error"u8);
        json.WriteString("error"u8, failure.Error);
        WriteListAlways(json, "fixes", failure.Fixes);
        WriteList(json, "documentation", failure.Documentation);
        WriteData(json, failure.Data);
    }));

    public void Write(CommandHelpPage page) => streams.WriteResult(Encode(json =>
    {
        json.WriteString("status"u8, "help"u8);
        json.WriteString("command"u8, page.Command);
        json.WriteString("description"u8, page.Description);
        json.WriteString("usage"u8, page.Usage);
        WriteListAlways(json, "examples", page.Help.Examples);
        WriteListAlways(json, "subcommands", page.Subcommands.Select(verb => verb.Name));
        json.WriteString("documentation"u8, page.Documentation);
    }));

    public void Write(GlobalHelpPage page) => streams.WriteResult(Encode(json =>
    {
        json.WriteString("status"u8, "help"u8);
        json.WriteString("description"u8, GlobalHelpPage.Description);
        WriteEntries(json, "globalOptions", "option", page.Options);
        WriteEntries(json, "commands", "command", page.Groups.SelectMany(group => group.Commands));
        json.WriteString("documentation"u8, page.Documentation);
        json.WriteString("version"u8, page.Version);
    }));

    public void WriteVersion(string version, string official) => streams.WriteResult(Encode(json =>
    {
        json.WriteString("status"u8, "success"u8);
        json.WriteString("version"u8, version);
        json.WriteString("name"u8, "claw.events"u8);
        json.WriteString("compatibleWith"u8, official);
    }));

    public void WriteRaw(ReadOnlySpan<byte> text) => streams.WriteResult(text);

    public void WriteNotice(string line) => streams.WriteError(Encoding.UTF8.GetBytes(PlainText.Of(line) + "\n"));

    public void WriteHint(string line)
    {
    }

    // Programs read stderr, too.
    public IDisposable? BeginWait(string line) => null;

    private static ReadOnlySpan<byte> Encode(WriteMembers members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Pretty))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan;
    }

    private static void WriteData(Utf8JsonWriter json, WriteMembers? data)
    {
        if (data is not null)
        {
            json.WriteStartObject("data"u8);
            data(json);
            json.WriteEndObject();
        }
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            WriteListAlways(json, name, values);
        }
    }

    private static void WriteListAlways(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }
        json.WriteEndArray();
    }

    private static void WriteEntries(Utf8JsonWriter json, string name, string key, IEnumerable<HelpEntry> entries)
    {
        json.WriteStartArray(name);
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            json.WriteString(key, entry.Name);
            json.WriteString("description"u8, entry.Description);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}

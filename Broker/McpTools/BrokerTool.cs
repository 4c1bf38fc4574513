using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace ClawEvents.Broker.McpTools;

/// <summary>A tool that an agent may call.</summary>
/// <param name="Definition">Name, description and schemas, for the agent.</param>
/// <param name="RunAsync">Carries it out. It throws <see cref="BadArgumentException"/> and <see cref="IOException"/>; a refusal is an answer.</param>
internal sealed record BrokerTool(Tool Definition, Func<IBrokerCalls, ToolArguments, CancellationToken, ValueTask<CallToolResult>> RunAsync)
{
    private const string ChannelHelp = "public.TOPIC, agent.NAME.TOPIC, app.NAME.TOPIC, system.TOPIC, or one of a namespace of the server";

    /// <summary>The property of most tools.</summary>
    public const string ChannelProperty = $$"""
        "channel":{"type":"string","description":"{{ChannelHelp}}"}
        """;

    /// <param name="name">By which the agent calls it.</param>
    /// <param name="description">For the agent: what it does, when to use it.</param>
    /// <param name="properties">Members of the input schema's <c>properties</c>, as JSON.</param>
    /// <param name="required">Names of them.</param>
    /// <param name="isReadOnly">It changes nothing.</param>
    public static BrokerTool Of(
        string name, string description, string properties, string[] required, bool isReadOnly, Func<IBrokerCalls, ToolArguments, CancellationToken, ValueTask<CallToolResult>> run) => new(
        new Tool
        {
            Name = name,
            Description = description,
            InputSchema = JsonElement.Parse($$"""
                {"type":"object","properties":{ {{properties}} },"required":[{{string.Join(',', required.Select(field => $"\"{field}\""))}}],"additionalProperties":false}
                """),
            Annotations = new() { ReadOnlyHint = isReadOnly, DestructiveHint = false, IdempotentHint = isReadOnly || name != "publish", OpenWorldHint = true },
        },
        run);

    /// <summary>The result of a tool: the same as text and as structure.</summary>
    public static CallToolResult Result(JsonElement json) => new() { Content = [new TextContentBlock { Text = json.GetRawText() }], StructuredContent = json };

    /// <summary>What went wrong, in words that help the agent.</summary>
    public static CallToolResult Failure(string message) => new() { Content = [new TextContentBlock { Text = message }], IsError = true };

    /// <summary>The answer of the HTTP API as a result.</summary>
    public static CallToolResult Result(BrokerAnswer answer) =>
        answer is { IsSuccess: true, Json: { } json } ? Result(json) : Failure(ReasonOf(answer));

    private static string ReasonOf(BrokerAnswer answer)
    {
        var reason = answer.Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("error", out var error) ? error.ToString() : "the server refused it";
        var hint = answer.Status switch
        {
            401 => "; this server is used without a token, or with one that does not count: only reading open channels works then",
            403 => "; explain tells what decides, and request_access asks the owner of a locked channel",
            404 => "; find_channels lists what is advertised",
            429 => "; wait before the next try",
            _ => "",
        };
        return $"{answer.Status}: {reason}{hint}";
    }
}

using System.Text.Json;

namespace ClawEvents.Broker.McpTools;

/// <summary>An argument that a tool cannot use. The message says what would be right.</summary>
internal sealed class BadArgumentException(string message) : Exception(message);

/// <summary>The arguments of a tool, as a model has written them.</summary>
internal sealed class ToolArguments(IDictionary<string, JsonElement>? arguments)
{
    /// <exception cref="BadArgumentException">It is missing, empty or no text.</exception>
    public string Text(string name) => OptionalText(name) ?? throw new BadArgumentException($"{name} is required, as text");

    /// <returns>Null: it is missing, null or empty.</returns>
    /// <exception cref="BadArgumentException">It is no text.</exception>
    public string? OptionalText(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString() is { Length: > 0 } text ? text : null,
        _ => throw new BadArgumentException($"{name} must be text"),
    };

    /// <exception cref="BadArgumentException">It is no whole number, or out of range.</exception>
    public long Number(string name, long fallback, long least, long most) =>
        Find(name) is not { } value ? fallback
        : value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most ? number
        : throw new BadArgumentException($"{name} must be a whole number from {least} to {most}");

    /// <summary>Any JSON value.</summary>
    /// <exception cref="BadArgumentException">It is missing.</exception>
    public JsonElement Json(string name) =>
        arguments is not null && arguments.TryGetValue(name, out var value) ? value : throw new BadArgumentException($"{name} is required, any JSON value");

    /// <returns>Null: it is missing or null.</returns>
    public JsonElement? Find(string name) => arguments is not null && arguments.TryGetValue(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;
}

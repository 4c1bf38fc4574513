using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams.Children;

/// <summary>The member of an event by whose value events are kept in order: <c>channel</c>, <c>sender</c> or <c>payload.order.id</c>.</summary>
internal sealed class KeyPath
{
    private readonly string[] _names;

    private KeyPath(string[] names) => _names = names;

    /// <returns>null if no event has such a member.</returns>
    public static KeyPath? TryParse(string text)
    {
        var names = text.Split('.');
        var isKnown = names is ["channel"] or ["sender"] or ["payload", ..];
        return isKnown && names.All(name => name.Length > 0) ? new KeyPath(names) : null;
    }

    /// <summary>The key of an event: the value's JSON. Events without the member have a key in common.</summary>
    /// <param name="json">The event.</param>
    public string Of(byte[] json)
    {
        var value = JsonText.TryParse(json);
        foreach (var name in _names)
        {
            value = value is { ValueKind: JsonValueKind.Object } level && level.TryGetProperty(name, out var member) ? member : null;
        }
        return value?.GetRawText() ?? "";
    }
}

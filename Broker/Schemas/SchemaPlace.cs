using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>The target of a <c>$ref</c>.</summary>
/// <param name="Key">The same for all references to this place with the same spelling.</param>
/// <param name="Schema">The value at this place.</param>
/// <param name="Base">Base URI of references within it, without its own <c>$id</c>.</param>
internal readonly record struct SchemaPlace(string Key, JsonElement Schema, Uri Base);

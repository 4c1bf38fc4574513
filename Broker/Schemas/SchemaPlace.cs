using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>Where a <c>$ref</c> leads.</summary>
/// <param name="Key">The same for all references to this place that are written alike.</param>
/// <param name="Schema">What stands there.</param>
/// <param name="Base">What references within it are relative to, its own <c>$id</c> not yet taken.</param>
internal readonly record struct SchemaPlace(string Key, JsonElement Schema, Uri Base);

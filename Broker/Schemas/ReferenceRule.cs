using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary><c>$ref</c>.</summary>
internal sealed class ReferenceRule(SchemaNode target) : SchemaRule
{
    public override void Check(JsonElement value, SchemaEvaluation evaluation) => evaluation.Check(target, value);
}

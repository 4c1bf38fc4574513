using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>The schema <c>false</c>.</summary>
internal sealed class FalseRule : SchemaRule
{
    public static readonly FalseRule Instance = new();

    public override void Check(JsonElement value, SchemaEvaluation evaluation) => evaluation.Fail("No value is allowed here");
}

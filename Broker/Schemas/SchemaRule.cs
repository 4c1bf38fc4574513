using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>Some keywords of a schema, compiled. Immutable once <see cref="SchemaCompiler"/> is done.</summary>
internal abstract class SchemaRule
{
    /// <summary>Reports the errors of the value to the evaluation; none if the value is valid or the rule does not apply to it.</summary>
    public abstract void Check(JsonElement value, SchemaEvaluation evaluation);
}

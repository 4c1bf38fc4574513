using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>Some keywords of a schema, compiled. Immutable once <see cref="SchemaCompiler"/> is done.</summary>
internal abstract class SchemaRule
{
    /// <summary>Says to the evaluation what is wrong with the value; nothing when all is well or the rule is not about such values.</summary>
    public abstract void Check(JsonElement value, SchemaEvaluation evaluation);
}

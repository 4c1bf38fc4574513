namespace ClawEvents.Broker.Schemas;

/// <summary>A compiled subschema.</summary>
internal sealed class SchemaNode
{
    /// <summary>Filled once by <see cref="SchemaCompiler"/>, after the nodes that use this one: schemas may refer to themselves.</summary>
    public IReadOnlyList<SchemaRule> Rules { get; set; } = [];
}

using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>One field of <c>dependencies</c>: other fields that an object with it must have, or a schema that it must match.</summary>
internal sealed class Dependency
{
    private readonly int _name;
    private readonly (int Name, string Message)[] _needed;
    private readonly SchemaNode? _schema;

    private Dependency(int name, (int Name, string Message)[] needed, SchemaNode? schema)
    {
        _name = name;
        _needed = needed;
        _schema = schema;
    }

    public static Dependency Read(JsonProperty field, FieldNames names, SchemaCompiler compiler)
    {
        var needed = SchemaReading.Strings(field.Value).Select(name => (names.Add(name), $"Missing field {name}, required by {field.Name}"));
        return new Dependency(names.Add(field.Name), [.. needed], SchemaReading.IsSchema(field.Value) ? compiler.Child(field.Value) : null);
    }

    /// <param name="value">An object.</param>
    /// <param name="marks">The names that it has.</param>
    /// <param name="evaluation">Receives the errors.</param>
    public void Check(JsonElement value, ReadOnlySpan<bool> marks, SchemaEvaluation evaluation)
    {
        if (!marks[_name] || !evaluation.Spend(_needed.Length / 8))
        {
            return;
        }

        foreach (var (name, message) in _needed)
        {
            if (!marks[name])
            {
                evaluation.Fail(message);
            }
        }

        if (_schema is not null)
        {
            evaluation.Check(_schema, value);
        }
    }
}

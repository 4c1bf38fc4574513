using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>The names that a schema asks for, numbered, so that one pass over an object says which of them it has.</summary>
internal sealed class FieldNames
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public int Count => _numbers.Count;

    /// <returns>The name's number, the same each time.</returns>
    public int Add(string name)
    {
        _numbers.TryAdd(name, _numbers.Count);
        return _numbers[name];
    }

    /// <param name="value">An object.</param>
    /// <param name="marks">One for each name; those of the object's fields are set.</param>
    /// <param name="evaluation">Pays for it.</param>
    public void Mark(JsonElement value, Span<bool> marks, SchemaEvaluation evaluation)
    {
        Span<char> buffer = stackalloc char[JsonText.BufferLength];
        var numbers = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var property in value.EnumerateObject())
        {
            var name = JsonText.Of(property, buffer);
            if (!evaluation.SpendOn(name.Length))
            {
                return;
            }

            if (numbers.TryGetValue(name, out var number))
            {
                marks[number] = true;
            }
        }
    }
}

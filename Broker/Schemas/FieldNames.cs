using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>The names that a schema refers to, numbered, so that one pass over an object finds which of them it has.</summary>
internal sealed class FieldNames
{
    private const int LookUpCost = 8;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public int Count => _numbers.Count;

    /// <returns>The name's number, the same each time.</returns>
    public int Add(string name)
    {
        _numbers.TryAdd(name, _numbers.Count);
        return _numbers[name];
    }

    /// <param name="value">An object.</param>
    /// <param name="marks">One per name; set for the object's fields.</param>
    /// <param name="evaluation">Pays the cost.</param>
    public void Mark(JsonElement value, Span<bool> marks, SchemaEvaluation evaluation)
    {
        Span<char> buffer = stackalloc char[JsonText.BufferLength];
        var numbers = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var property in value.EnumerateObject())
        {
            var name = JsonText.Of(property, buffer);
            if (!evaluation.SpendOn(LookUpCost + name.Length))
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

using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary><c>allOf</c>, <c>anyOf</c>, <c>oneOf</c>, <c>not</c> and <c>if</c> with <c>then</c> and <c>else</c>.</summary>
internal sealed class CombinationRule : SchemaRule
{
    private readonly SchemaNode[] _allOf;
    private readonly SchemaNode[] _anyOf;
    private readonly SchemaNode[] _oneOf;
    private readonly SchemaNode? _not;
    private readonly SchemaNode? _if;
    private readonly SchemaNode? _then;
    private readonly SchemaNode? _else;

    private CombinationRule(JsonElement schema, SchemaCompiler compiler)
    {
        _allOf = Children(schema, "allOf", compiler);
        _anyOf = Children(schema, "anyOf", compiler);
        _oneOf = Children(schema, "oneOf", compiler);
        _not = compiler.Child(schema, "not");
        _if = compiler.Child(schema, "if");
        _then = compiler.Child(schema, "then");
        _else = compiler.Child(schema, "else");
    }

    private bool IsEmpty => _allOf.Length + _anyOf.Length + _oneOf.Length == 0 && (_not ?? _if) is null;

    public static CombinationRule? Read(JsonElement schema, SchemaCompiler compiler)
    {
        var rule = new CombinationRule(schema, compiler);
        return rule.IsEmpty ? null : rule;
    }

    public override void Check(JsonElement value, SchemaEvaluation evaluation)
    {
        foreach (var node in _allOf)
        {
            evaluation.Check(node, value);
        }

        if (_anyOf.Length > 0 && CountFitting(_anyOf, value, 1, evaluation) == 0)
        {
            evaluation.Fail("Value must match at least one schema of anyOf");
        }

        if (_oneOf.Length > 0 && CountFitting(_oneOf, value, 2, evaluation) != 1)
        {
            evaluation.Fail("Value must match exactly one schema of oneOf");
        }

        if (_not is not null && evaluation.Fits(_not, value))
        {
            evaluation.Fail("Value must not match the schema of not");
        }

        CheckBranch(value, evaluation);
    }

    private void CheckBranch(JsonElement value, SchemaEvaluation evaluation)
    {
        if (_if is not null && (evaluation.Fits(_if, value) ? _then : _else) is { } branch)
        {
            evaluation.Check(branch, value);
        }
    }

    private static int CountFitting(SchemaNode[] nodes, JsonElement value, int enough, SchemaEvaluation evaluation)
    {
        var count = 0;
        for (var i = 0; i < nodes.Length && count < enough; i++)
        {
            count += evaluation.Fits(nodes[i], value) ? 1 : 0;
        }

        return count;
    }

    private static SchemaNode[] Children(JsonElement schema, string keyword, SchemaCompiler compiler) =>
        schema.TryGetProperty(keyword, out var list) && list.ValueKind is JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(compiler.Child)]
            : [];
}

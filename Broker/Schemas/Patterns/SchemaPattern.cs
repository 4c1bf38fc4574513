using System.Buffers;

namespace ClawEvents.Broker.Schemas.Patterns;

/// <summary>A compiled pattern. It follows all alternatives simultaneously, so a match costs at most text × steps and stores nothing.</summary>
/// <remarks>
/// Not .NET's <c>RegexOptions.NonBacktracking</c>: that one is linear, too, but stores the states it has visited, up to 24 MB and
/// 0.26 s for one pattern and a text of 16 KB. docs/decisions/0006-json-schema.md has the figures. Immutable.
/// </remarks>
internal sealed class SchemaPattern
{
    private readonly PatternStep[] _steps;

    private SchemaPattern(PatternStep[] steps) => _steps = steps;

    public int StepCount => _steps.Length;

    /// <returns>The pattern, or the reason that it cannot be used.</returns>
    public static (SchemaPattern? Pattern, string? Fault) Create(string text)
    {
        var (node, fault) = PatternParser.Parse(text);
        if (fault is not null || node is null)
        {
            return (null, fault);
        }

        var steps = PatternCompiler.Compile(node);
        return steps is null ? (null, $"it needs more than {SchemaLimits.MaxPatternSteps} steps") : (new SchemaPattern(steps), null);
    }

    /// <summary>Whether the pattern matches somewhere in the text. Not anchored, as JSON Schema requires.</summary>
    /// <param name="text">UTF-16; matched by code points.</param>
    /// <param name="evaluation">Pays the cost; the result is false if it cannot.</param>
    public bool Matches(ReadOnlySpan<char> text, SchemaEvaluation evaluation)
    {
        var buffer = ArrayPool<int>.Shared.Rent(4 * _steps.Length);
        try
        {
            return new PatternRun(_steps, text, buffer).Matches(evaluation);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(buffer);
        }
    }
}

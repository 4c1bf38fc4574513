using System.Text;

namespace ClawEvents.Broker.Schemas.Patterns;

/// <summary>One pass of a pattern over a text: the set of steps that wait for the next code point, advanced code point by code point.</summary>
internal ref struct PatternRun
{
    /// <summary>Cost of a step, in bytes of a text that is only read.</summary>
    private const int StepCost = 2;

    /// <summary>Ranges of a set that are searched in the time of a step.</summary>
    private const int RangesPerStep = 8;

    private readonly ReadOnlySpan<PatternStep> _steps;
    private readonly ReadOnlySpan<char> _text;

    /// <summary>Steps still to follow. <see cref="_marks"/> admits each step once per position, so one slot per step is enough.</summary>
    private readonly Span<int> _stack;

    /// <summary>For each step, the last position at which it was visited, plus one.</summary>
    private readonly Span<int> _marks;

    private Span<int> _waiting;
    private Span<int> _next;
    private int _count;
    private int _met;

    /// <param name="steps">The compiled pattern.</param>
    /// <param name="text">UTF-16.</param>
    /// <param name="buffer">Four numbers per step, with any content.</param>
    public PatternRun(ReadOnlySpan<PatternStep> steps, ReadOnlySpan<char> text, Span<int> buffer)
    {
        _steps = steps;
        _text = text;
        _waiting = buffer[..steps.Length];
        _next = buffer.Slice(steps.Length, steps.Length);
        _stack = buffer.Slice(2 * steps.Length, steps.Length);
        _marks = buffer.Slice(3 * steps.Length, steps.Length);
        _marks.Clear();
    }

    public bool Matches(SchemaEvaluation evaluation)
    {
        for (var at = 0; ;)
        {
            if (Follow(0, at))
            {
                return true;
            }

            var cost = (1 + _met) * StepCost;
            _met = 0;
            if (!evaluation.SpendOn(cost) || at == _text.Length || (_count == 0 && _steps[0].Operation is PatternOperation.Start))
            {
                return false;
            }

            if (Read(ref at))
            {
                return true;
            }
        }
    }

    /// <summary>Moves every waiting step over the code point at <paramref name="at"/>.</summary>
    /// <returns>Whether this leads to a match.</returns>
    private bool Read(ref int at)
    {
        var codePoint = CodePointAt(at, out var length);
        at += length;
        var full = _waiting;
        var waiting = full[.._count];
        _waiting = _next;
        _next = full;
        _count = 0;
        foreach (var step in waiting)
        {
            var set = _steps[step].Set!;
            _met += set.RangeCount / RangesPerStep;
            if (set.Contains(codePoint) && Follow(step + 1, at))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds to the waiting steps all steps that can be reached from one without reading.</summary>
    /// <returns>Whether the match is among them.</returns>
    private bool Follow(int first, int at)
    {
        var pending = 0;
        Push(first, at, ref pending);
        while (pending > 0)
        {
            var index = _stack[--pending];
            var step = _steps[index];
            switch (step.Operation)
            {
                case PatternOperation.Match:
                    return true;
                case PatternOperation.Character:
                    _waiting[_count++] = index;
                    break;
                case PatternOperation.Split:
                    Push(step.Other, at, ref pending);
                    Push(step.Target, at, ref pending);
                    break;
                case PatternOperation.Jump:
                    Push(step.Target, at, ref pending);
                    break;
                default:
                    if (Holds(step.Operation, at))
                    {
                        Push(index + 1, at, ref pending);
                    }

                    break;
            }
        }

        return false;
    }

    private void Push(int step, int at, ref int pending)
    {
        if (_marks[step] != at + 1)
        {
            _marks[step] = at + 1;
            _stack[pending++] = step;
            _met++;
        }
    }

    private readonly bool Holds(PatternOperation assertion, int at) => assertion switch
    {
        PatternOperation.Start => at == 0,
        PatternOperation.End => at == _text.Length,
        PatternOperation.WordBoundary => IsWordAt(at - 1) != IsWordAt(at),
        _ => IsWordAt(at - 1) == IsWordAt(at),
    };

    private readonly bool IsWordAt(int at) => at >= 0 && at < _text.Length && CharacterSet.IsWord(_text[at]);

    private readonly int CodePointAt(int at, out int length) =>
        Rune.DecodeFromUtf16(_text[at..], out var rune, out length) is System.Buffers.OperationStatus.Done ? rune.Value : _text[at];
}

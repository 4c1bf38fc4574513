namespace ClawEvents.Broker.Schemas.Patterns;

/// <summary>Compiles a parsed pattern to steps. Stops if there are too many, which nested counted repeats reach soon.</summary>
internal sealed class PatternCompiler
{
    private readonly List<PatternStep> _steps = [];
    private int _visits;

    /// <summary>Visits count, too: <c>(){9}</c> produces no step, but can be nested like any other repeat.</summary>
    private bool IsTooLarge => _steps.Count > SchemaLimits.MaxPatternSteps || _visits > 4 * SchemaLimits.MaxPatternSteps;

    /// <returns>Null if the pattern needs more than <see cref="SchemaLimits.MaxPatternSteps"/>.</returns>
    public static PatternStep[]? Compile(PatternNode pattern)
    {
        var compiler = new PatternCompiler();
        compiler.Emit(pattern);
        compiler._steps.Add(new PatternStep(PatternOperation.Match));
        return compiler.IsTooLarge ? null : [.. compiler._steps];
    }

    private void Emit(PatternNode node)
    {
        _visits++;
        if (IsTooLarge)
        {
            return;
        }

        switch (node)
        {
            case PatternNode.Character character:
                _steps.Add(new PatternStep(PatternOperation.Character, character.Set));
                break;
            case PatternNode.Assertion assertion:
                _steps.Add(new PatternStep(assertion.Operation));
                break;
            case PatternNode.Sequence sequence:
                foreach (var part in sequence.Parts)
                {
                    Emit(part);
                }

                break;
            case PatternNode.Choice choice:
                EmitChoice(choice);
                break;
            case PatternNode.Repeat repeat:
                EmitRepeat(repeat);
                break;
        }
    }

    private void EmitChoice(PatternNode.Choice choice)
    {
        var ends = new List<int>();
        foreach (var option in choice.Options.SkipLast(1))
        {
            var split = Reserve();
            Emit(option);
            ends.Add(Reserve());
            _steps[split] = new PatternStep(PatternOperation.Split, Target: split + 1, Other: _steps.Count);
        }

        Emit(choice.Options[^1]);
        foreach (var end in ends)
        {
            _steps[end] = new PatternStep(PatternOperation.Jump, Target: _steps.Count);
        }
    }

    private void EmitRepeat(PatternNode.Repeat repeat)
    {
        for (var i = 0; i < repeat.Min && !IsTooLarge; i++)
        {
            Emit(repeat.Body);
        }

        if (repeat.Max is not { } max)
        {
            EmitLoop(repeat.Body);
            return;
        }

        var splits = new List<int>();
        for (var i = repeat.Min; i < max && !IsTooLarge; i++)
        {
            splits.Add(Reserve());
            Emit(repeat.Body);
        }

        foreach (var split in splits)
        {
            _steps[split] = new PatternStep(PatternOperation.Split, Target: split + 1, Other: _steps.Count);
        }
    }

    private void EmitLoop(PatternNode body)
    {
        var split = Reserve();
        Emit(body);
        _steps.Add(new PatternStep(PatternOperation.Jump, Target: split));
        _steps[split] = new PatternStep(PatternOperation.Split, Target: split + 1, Other: _steps.Count);
    }

    private int Reserve()
    {
        _steps.Add(default);
        return _steps.Count - 1;
    }
}

using System.Globalization;
using System.Text;

namespace ClawEvents.Broker.Schemas.Patterns;

/// <summary>Parses a pattern: ECMA-262 regular expressions, without the features that need backtracking.</summary>
/// <remarks>After a fault the position is at the end, which ends all loops.</remarks>
internal sealed partial class PatternParser
{
    private readonly string _pattern;
    private int _at;
    private int _depth;

    private PatternParser(string pattern) => _pattern = pattern;

    private string? Fault { get; set; }

    private bool AtEnd => _at >= _pattern.Length;

    /// <returns>The pattern, or the fault.</returns>
    public static (PatternNode? Node, string? Fault) Parse(string pattern)
    {
        if (pattern.Length > SchemaLimits.MaxPatternLength)
        {
            return (null, $"it is longer than {SchemaLimits.MaxPatternLength} characters");
        }

        var parser = new PatternParser(pattern);
        var node = parser.ReadChoice();
        if (!parser.AtEnd)
        {
            parser.Fail("unmatched )");
        }

        return (node, parser.Fault);
    }

    private PatternNode ReadChoice()
    {
        if (++_depth > SchemaLimits.MaxPatternDepth)
        {
            Fail($"its groups are nested deeper than {SchemaLimits.MaxPatternDepth}");
        }

        var options = new List<PatternNode> { ReadSequence() };
        while (TryConsume('|'))
        {
            options.Add(ReadSequence());
        }

        _depth--;
        return options.Count == 1 ? options[0] : new PatternNode.Choice(options);
    }

    private PatternNode.Sequence ReadSequence()
    {
        var parts = new List<PatternNode>();
        while (!AtEnd && _pattern[_at] is not ('|' or ')'))
        {
            parts.Add(ReadRepeat());
        }

        return new PatternNode.Sequence(parts);
    }

    private PatternNode ReadRepeat()
    {
        var body = ReadAtom();
        if (!TryReadQuantifier(out var min, out var max))
        {
            return body;
        }

        // A lazy quantifier matches the same texts.
        TryConsume('?');
        if (max < min)
        {
            Fail("a quantifier's numbers are out of order");
        }

        return new PatternNode.Repeat(body, min, max);
    }

    private bool TryReadQuantifier(out int min, out int? max)
    {
        (min, max) = (0, null);
        if (TryConsume('*'))
        {
            return true;
        }

        if (TryConsume('+'))
        {
            min = 1;
            return true;
        }

        if (TryConsume('?'))
        {
            max = 1;
            return true;
        }

        return TryReadBraces(ref min, ref max);
    }

    /// <summary><c>{2}</c>, <c>{2,}</c> or <c>{2,3}</c>; anything else is literal text, as in browsers.</summary>
    private bool TryReadBraces(ref int min, ref int? max)
    {
        var end = AtEnd || _pattern[_at] != '{' ? -1 : _pattern.IndexOf('}', _at);
        if (end < 0)
        {
            return false;
        }

        var parts = _pattern[(_at + 1)..end].Split(',');
        if (parts.Length > 2 || !IsCount(parts[0]) || (parts.Length == 2 && parts[1].Length > 0 && !IsCount(parts[1])))
        {
            return false;
        }

        min = Count(parts[0]);
        max = parts.Length == 1 ? min : parts[1].Length > 0 ? Count(parts[1]) : null;
        _at = end + 1;
        return true;
    }

    private PatternNode ReadAtom()
    {
        switch (_pattern[_at])
        {
            case '^':
                return ReadAssertion(PatternOperation.Start);
            case '$':
                return ReadAssertion(PatternOperation.End);
            case '.':
                _at++;
                return new PatternNode.Character(CharacterSet.AnyButLineEnd());
            case '[':
                return ReadClass();
            case '(':
                return ReadGroup();
            case '\\':
                return ReadEscape();
            case '*' or '+' or '?':
                return Fail($"nothing to repeat before {_pattern[_at]}");
            default:
                return Single(ReadCodePoint());
        }
    }

    private PatternNode.Assertion ReadAssertion(PatternOperation operation)
    {
        _at++;
        return new PatternNode.Assertion(operation);
    }

    private PatternNode ReadGroup()
    {
        _at++;
        if (TryConsume('?') && !TryConsume(':') && !TryReadGroupName())
        {
            return Fail("lookahead, lookbehind and options are not supported");
        }

        var node = ReadChoice();
        return TryConsume(')') ? node : Fail("unclosed (");
    }

    private bool TryReadGroupName()
    {
        var end = AtEnd || _pattern[_at] != '<' ? -1 : _pattern.IndexOf('>', _at);
        if (end < 0 || _pattern[_at + 1] is '=' or '!')
        {
            return false;
        }

        _at = end + 1;
        return true;
    }

    private PatternNode ReadEscape()
    {
        var letter = _at + 1 < _pattern.Length ? _pattern[_at + 1] : '\0';
        if (letter is 'b' or 'B')
        {
            _at += 2;
            return new PatternNode.Assertion(letter == 'b' ? PatternOperation.WordBoundary : PatternOperation.NoWordBoundary);
        }

        var set = new CharacterSet();
        return TryReadSetEscape(set) ? new PatternNode.Character(set) : Single(ReadCharacterEscape());
    }

    private static PatternNode.Character Single(int codePoint)
    {
        var set = new CharacterSet();
        set.Add(codePoint, codePoint);
        return new PatternNode.Character(set);
    }

    private int ReadCodePoint()
    {
        var codePoint = Rune.DecodeFromUtf16(_pattern.AsSpan(_at), out var rune, out var length) is System.Buffers.OperationStatus.Done
            ? rune.Value : _pattern[_at];
        _at += length;
        return codePoint;
    }

    private bool TryConsume(char character)
    {
        var taken = !AtEnd && _pattern[_at] == character;
        _at += taken ? 1 : 0;
        return taken;
    }

    private PatternNode.Sequence Fail(string fault)
    {
        Fault ??= fault;
        _at = _pattern.Length;
        return new PatternNode.Sequence([]);
    }

    private static bool IsCount(string text) => text.Length is > 0 and < 10 && text.All(char.IsAsciiDigit);

    private static int Count(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace ClawEvents.Broker.Schemas.Patterns;

/// <summary>Classes and escapes.</summary>
internal sealed partial class PatternParser
{
    private PatternNode ReadClass()
    {
        _at++;
        var set = new CharacterSet { IsNegated = TryConsume('^') };
        while (!AtEnd && _pattern[_at] != ']')
        {
            ReadClassRange(set);
        }

        return TryConsume(']') ? new PatternNode.Character(set) : Fail("unclosed [");
    }

    private void ReadClassRange(CharacterSet set)
    {
        if (TryReadSetEscape(set))
        {
            return;
        }

        var first = ReadClassCharacter();
        var last = first;
        if (_at + 1 < _pattern.Length && _pattern[_at] == '-' && _pattern[_at + 1] != ']')
        {
            _at++;
            // In [a-\d] the hyphen is literal, as in browsers.
            if (TryReadSetEscape(set))
            {
                set.Add('-', '-');
            }
            else
            {
                last = ReadClassCharacter();
            }
        }

        if (last < first)
        {
            Fail("a range in a class is out of order");
        }

        set.Add(first, last);
    }

    private int ReadClassCharacter()
    {
        if (_pattern[_at] != '\\')
        {
            return ReadCodePoint();
        }

        if (_at + 1 < _pattern.Length && _pattern[_at + 1] == 'b')
        {
            _at += 2;
            return '\b';
        }

        return ReadCharacterEscape();
    }

    /// <summary><c>\d \w \s \p{L}</c> and their opposites.</summary>
    private bool TryReadSetEscape(CharacterSet set)
    {
        if (_at + 1 >= _pattern.Length || _pattern[_at] != '\\')
        {
            return false;
        }

        var letter = _pattern[_at + 1];
        if (letter is 'd' or 'D' or 'w' or 'W' or 's' or 'S')
        {
            _at += 2;
            set.AddEscape(letter);
            return true;
        }

        return letter is 'p' or 'P' && ReadCategory(set, letter == 'P');
    }

    private bool ReadCategory(CharacterSet set, bool isNegated)
    {
        var end = _at + 2 < _pattern.Length && _pattern[_at + 2] == '{' ? _pattern.IndexOf('}', _at) : -1;
        if (end < 0 || !set.TryAddCategory(_pattern[(_at + 3)..end], isNegated))
        {
            Fail(@"\p needs a general category, such as \p{L} or \p{Lu}");
            return true;
        }

        _at = end + 1;
        return true;
    }

    private int ReadCharacterEscape()
    {
        _at++;
        if (AtEnd)
        {
            Fail(@"it ends with \");
            return 0;
        }

        var letter = _pattern[_at];
        switch (letter)
        {
            case 't':
                return Skip('\t');
            case 'n':
                return Skip('\n');
            case 'v':
                return Skip('\v');
            case 'f':
                return Skip('\f');
            case 'r':
                return Skip('\r');
            case '0':
                return Skip('\0');
            case 'c' when _at + 1 < _pattern.Length && char.IsAsciiLetter(_pattern[_at + 1]):
                _at++;
                return Skip((char)(_pattern[_at] % 32));
            case 'x':
                return ReadHex(_at + 1, 2);
            case 'u':
                return ReadUnicodeEscape();
            default:
                return ReadPlainEscape(letter);
        }
    }

    private int ReadPlainEscape(char letter)
    {
        if (!char.IsAsciiLetterOrDigit(letter))
        {
            return ReadCodePoint();
        }

        Fail(char.IsAsciiDigit(letter) || letter == 'k' ? "back references are not supported" : $@"unknown escape \{letter}");
        return 0;
    }

    private int ReadUnicodeEscape()
    {
        if (_at + 1 < _pattern.Length && _pattern[_at + 1] == '{')
        {
            return ReadBracedHex();
        }

        var unit = ReadHex(_at + 1, 4);
        var pairs = char.IsHighSurrogate((char)unit) && _at + 1 < _pattern.Length && _pattern[_at] == '\\' && _pattern[_at + 1] == 'u';
        var start = _at;
        var second = pairs ? ReadHex(_at + 2, 4) : 0;
        if (char.IsLowSurrogate((char)second))
        {
            return char.ConvertToUtf32((char)unit, (char)second);
        }

        _at = Fault is null ? start : _at;
        return unit;
    }

    private int ReadBracedHex()
    {
        var end = _pattern.IndexOf('}', _at);
        var codePoint = end < 0 ? -1 : ReadHex(_at + 2, end - _at - 2);
        if (codePoint is < 0 or > 0x10FFFF)
        {
            Fail(@"\u{} needs a code point up to 10FFFF");
        }

        TryConsume('}');
        return codePoint;
    }

    private int ReadHex(int start, int length)
    {
        if (start + length > _pattern.Length || length is 0 or > 6
            || !int.TryParse(_pattern.AsSpan(start, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            Fail("an escape has too few hexadecimal digits");
            return 0;
        }

        _at = start + length;
        return value;
    }

    private int Skip(char meaning)
    {
        _at++;
        return meaning;
    }
}

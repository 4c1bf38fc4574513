using System.Globalization;
using System.Text;

namespace ClawEvents.Broker.Schemas.Patterns;

/// <summary>A set of Unicode code points: one character, a class or an escape of a pattern. Filled by <see cref="PatternParser"/>, then only read.</summary>
internal sealed class CharacterSet
{
    private const int LastCodePoint = 0x10FFFF;

    private static readonly (int First, int Last)[] DigitRanges = [('0', '9')];
    private static readonly (int First, int Last)[] WordRanges = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

    private static readonly (int First, int Last)[] SpaceRanges =
        [(0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)];

    private static readonly (int First, int Last)[] LineEndRanges = [('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)];

    private readonly List<(int First, int Last)> _ranges = [];

    /// <summary>One bit for each <see cref="UnicodeCategory"/>.</summary>
    private int _categories;

    /// <summary>Whether the set contains everything that was not added: <c>[^a]</c>.</summary>
    public bool IsNegated { get; init; }

    /// <summary>The cost of <see cref="Contains"/> grows with it.</summary>
    public int RangeCount => _ranges.Count;

    /// <summary>The set of <c>.</c>.</summary>
    public static CharacterSet AnyButLineEnd()
    {
        var set = new CharacterSet { IsNegated = true };
        set._ranges.AddRange(LineEndRanges);
        return set;
    }

    public static bool IsWord(int codePoint) => IsIn(WordRanges, codePoint);

    public void Add(int first, int last) => _ranges.Add((first, last));

    /// <param name="letter">One of <c>d D w W s S</c>.</param>
    public void AddEscape(char letter)
    {
        var ranges = char.ToLowerInvariant(letter) switch { 'd' => DigitRanges, 'w' => WordRanges, _ => SpaceRanges };
        _ranges.AddRange(char.IsAsciiLetterUpper(letter) ? Complement(ranges) : ranges);
    }

    /// <param name="name">A general category: <c>L</c>, <c>Lu</c>.</param>
    /// <param name="isNegated">Whether to add all other categories.</param>
    /// <returns>False if there is no such category.</returns>
    public bool TryAddCategory(string name, bool isNegated)
    {
        var mask = 0;
        for (var category = UnicodeCategory.UppercaseLetter; category <= UnicodeCategory.OtherNotAssigned; category++)
        {
            mask |= ShortName(category).StartsWith(name, StringComparison.Ordinal) ? 1 << (int)category : 0;
        }

        _categories |= isNegated ? ~mask : mask;
        return name.Length is 1 or 2 && mask != 0;
    }

    public bool Contains(int codePoint) =>
        (IsIn(_ranges, codePoint) || (_categories != 0 && (_categories >> (int)CategoryOf(codePoint) & 1) != 0)) != IsNegated;

    private static bool IsIn(IReadOnlyList<(int First, int Last)> ranges, int codePoint)
    {
        for (var i = 0; i < ranges.Count; i++)
        {
            if (codePoint >= ranges[i].First && codePoint <= ranges[i].Last)
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<(int First, int Last)> Complement((int First, int Last)[] ranges)
    {
        var first = 0;
        foreach (var range in ranges)
        {
            yield return (first, range.First - 1);
            first = range.Last + 1;
        }

        yield return (first, LastCodePoint);
    }

    private static UnicodeCategory CategoryOf(int codePoint) =>
        Rune.IsValid(codePoint) ? Rune.GetUnicodeCategory(new Rune(codePoint)) : UnicodeCategory.Surrogate;

    private static string ShortName(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => "Lu",
        UnicodeCategory.LowercaseLetter => "Ll",
        UnicodeCategory.TitlecaseLetter => "Lt",
        UnicodeCategory.ModifierLetter => "Lm",
        UnicodeCategory.OtherLetter => "Lo",
        UnicodeCategory.NonSpacingMark => "Mn",
        UnicodeCategory.SpacingCombiningMark => "Mc",
        UnicodeCategory.EnclosingMark => "Me",
        UnicodeCategory.DecimalDigitNumber => "Nd",
        UnicodeCategory.LetterNumber => "Nl",
        UnicodeCategory.OtherNumber => "No",
        UnicodeCategory.SpaceSeparator => "Zs",
        UnicodeCategory.LineSeparator => "Zl",
        UnicodeCategory.ParagraphSeparator => "Zp",
        UnicodeCategory.Control => "Cc",
        UnicodeCategory.Format => "Cf",
        UnicodeCategory.Surrogate => "Cs",
        UnicodeCategory.PrivateUse => "Co",
        UnicodeCategory.ConnectorPunctuation => "Pc",
        UnicodeCategory.DashPunctuation => "Pd",
        UnicodeCategory.OpenPunctuation => "Ps",
        UnicodeCategory.ClosePunctuation => "Pe",
        UnicodeCategory.InitialQuotePunctuation => "Pi",
        UnicodeCategory.FinalQuotePunctuation => "Pf",
        UnicodeCategory.OtherPunctuation => "Po",
        UnicodeCategory.MathSymbol => "Sm",
        UnicodeCategory.CurrencySymbol => "Sc",
        UnicodeCategory.ModifierSymbol => "Sk",
        UnicodeCategory.OtherSymbol => "So",
        _ => "Cn",
    };
}

extern alias broker;

using System.Text.RegularExpressions;
using broker::ClawEvents.Broker.Schemas;
using broker::ClawEvents.Broker.Schemas.Patterns;

namespace ClawEvents.Broker.Tests.Schemas;

internal sealed class SchemaPatternTests
{
    [TestCase("", "")]
    [TestCase("b", "abc")]
    [TestCase("^a$", "a")]
    [TestCase("^(foo|bar){2}$", "foobar")]
    [TestCase(@"^\d{3}-\d{4}$", "555-1234")]
    [TestCase("^a{2,3}?$", "aaa")]
    [TestCase("^a{2,}$", "aaaaa")]
    [TestCase("^x{,5}$", "x{,5}")]
    [TestCase("^(?:a|(?<name>b))+$", "abba")]
    [TestCase(@"^[\w.+-]+@[\w-]+\.[\w.]+$", "a.b+c@example.org")]
    [TestCase("^[^a-c]$", "d")]
    [TestCase("^[a-]$", "-")]
    [TestCase(@"^[\d-x]+$", "1-x")]
    [TestCase(@"^[\b]$", "\b")]
    [TestCase(@"\bfoo\b", "a foo b")]
    [TestCase(@"\Boo\b", "foo")]
    [TestCase(@"^\u0041\x42\cJ\t\/\.$", "AB\n\t/.")]
    [TestCase(@"^\ud83d\ude00$", "😀")]
    [TestCase(@"^\u{1F600}$", "😀")]
    [TestCase("^.$", "😀")]
    [TestCase("^[😀-😂]$", "😁")]
    [TestCase(@"^\p{Lu}\p{L}+\P{L}$", "Äß1")]
    [TestCase(@"^\s$", "\uFEFF")]
    [TestCase("^(a*)*$", "aaa")]
    [TestCase("^(|a)+$", "aa")]
    [TestCase("^[^]$", "a")]
    [TestCase("a|^$", "")]
    public void A_pattern_matches(string pattern, string text) => Assert.That(Matches(pattern, text), Is.True);

    [TestCase("^a$", "a\n")]
    [TestCase("^.$", "\r")]
    [TestCase("^.$", "\u2028")]
    [TestCase(@"^\d$", "٣")]
    [TestCase(@"^\w$", "ä")]
    [TestCase("^a{2,3}$", "aaaa")]
    [TestCase("^[a-c]$", "d")]
    [TestCase("[]", "a")]
    [TestCase(@"^\P{L}$", "a")]
    [TestCase("^(foo|bar)$", "foobar")]
    public void A_pattern_does_not_match(string pattern, string text) => Assert.That(Matches(pattern, text), Is.False);

    [TestCase("(", "unclosed (")]
    [TestCase(")", "unmatched )")]
    [TestCase("[a", "unclosed [")]
    [TestCase("[b-a]", "a range in a class is out of order")]
    [TestCase("a{3,2}", "a quantifier's numbers are out of order")]
    [TestCase("*a", "nothing to repeat before *")]
    [TestCase("a**", "nothing to repeat before *")]
    [TestCase("(?=a)", "lookahead, lookbehind and options are not supported")]
    [TestCase("(?<!a)b", "lookahead, lookbehind and options are not supported")]
    [TestCase("(?i)a", "lookahead, lookbehind and options are not supported")]
    [TestCase(@"(a)\1", "back references are not supported")]
    [TestCase(@"\Z", @"unknown escape \Z")]
    [TestCase(@"\p{Greek}", @"\p needs a general category, such as \p{L} or \p{Lu}")]
    [TestCase(@"\u{110000}", @"\u{} needs a code point up to 10FFFF")]
    [TestCase(@"\u12", "an escape has too few hexadecimal digits")]
    [TestCase(@"a\", @"it ends with \")]
    [TestCase("(a{100}){100}", "it needs more than 2000 steps")]
    [TestCase("(((((){1000}){1000}){1000}){1000}){1000}", "it needs more than 2000 steps")]
    public void A_pattern_that_cannot_be_used_says_why(string pattern, string fault) =>
        Assert.That(SchemaPattern.Create(pattern).Fault, Is.EqualTo(fault));

    [Test]
    public void The_nesting_of_groups_is_limited() =>
        Assert.That(SchemaPattern.Create(new string('(', 400) + new string(')', 400)).Fault, Is.EqualTo("its groups are nested deeper than 50"));

    [Test]
    public void Random_patterns_match_what_the_platforms_engine_matches()
    {
        var random = new Random(7);
        for (var round = 0; round < 3_000; round++)
        {
            var pattern = RandomPattern(random, 3);
            var engine = new Regex(pattern, RegexOptions.NonBacktracking);
            for (var i = 0; i < 10; i++)
            {
                var text = string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => "abc1 "[random.Next(5)]));
                Assert.That(Matches(pattern, text), Is.EqualTo(engine.IsMatch(text)), $"pattern {pattern}, text \"{text}\", seed 7");
            }
        }
    }

    private static string RandomPattern(Random random, int depth) => random.Next(depth > 0 ? 12 : 7) switch
    {
        0 => "a",
        1 => "b",
        2 => "[^ab]",
        3 => @"\d",
        4 => "[a-c1]",
        5 => random.Next(3) switch { 0 => "^", 1 => @"\b", _ => "(?:$)" },
        6 => ".",
        7 => $"(?:{RandomPattern(random, depth - 1)}|{RandomPattern(random, depth - 1)})",
        8 => $"(?:{RandomPattern(random, depth - 1)})*",
        9 => $"({RandomPattern(random, depth - 1)}){{1,3}}",
        10 => $"(?:{RandomPattern(random, depth - 1)})?",
        _ => RandomPattern(random, depth - 1) + RandomPattern(random, depth - 1),
    };

    private static bool Matches(string pattern, string text)
    {
        var (compiled, fault) = SchemaPattern.Create(pattern);
        Assert.That(fault, Is.Null);
        return compiled!.Matches(text, new SchemaEvaluation());
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace ClawEvents.Cli.Arguments;

/// <summary>Reads values from the tokens of a command line; unlike <c>GetValue</c>, this never throws.</summary>
internal static class ParseResultExtensions
{
    /// <summary>The option's value, the last one if it was given twice; null if it was not given or has no value.</summary>
    public static string? Text(this ParseResult parse, Option option) =>
        parse.GetResult(option) is { Tokens: [.., var last] } ? last.Value : null;

    /// <summary>Reads the option's value, if it was given, as a whole number from 1 on.</summary>
    /// <returns>false if it is something else.</returns>
    public static bool TryCount(this ParseResult parse, Option option, ref int count)
    {
        var given = parse.Count(option);
        count = (int?)given ?? count;
        return given is not null || parse.Text(option) is null;
    }

    /// <summary>The option's value as a whole number from 1 on; null if it was not given, or is something else.</summary>
    /// <param name="most">Larger numbers are something else.</param>
    public static long? Count(this ParseResult parse, Option option, long most = int.MaxValue) =>
        long.TryParse(parse.Text(option), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 && count <= most ? count : null;

    public static bool Given(this ParseResult parse, Option option) =>
        parse.GetResult(option) is { Implicit: false };

    /// <summary>The argument's first word; null if there is none.</summary>
    public static string? Text(this ParseResult parse, Argument argument) =>
        parse.GetResult(argument) is { Tokens: [var first, ..] } ? first.Value : null;

    /// <summary>All words of an argument, in their order.</summary>
    public static IReadOnlyList<string> Words(this ParseResult parse, Argument argument) =>
        parse.GetResult(argument) is { } result ? [.. result.Tokens.Select(token => token.Value)] : [];

    /// <summary>The number of words after <c>--</c>; null without <c>--</c>.</summary>
    public static int? CountAfterSeparator(this ParseResult parse)
    {
        var separator = parse.Tokens.TakeWhile(token => token.Type is not TokenType.DoubleDash).Count();
        return separator < parse.Tokens.Count ? parse.Tokens.Count - separator - 1 : null;
    }
}

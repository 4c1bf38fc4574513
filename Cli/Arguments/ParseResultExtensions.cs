using System.CommandLine;

namespace ClawEvents.Cli.Arguments;

/// <summary>Values of a command line by their tokens: unlike <c>GetValue</c> these never throw.</summary>
internal static class ParseResultExtensions
{
    /// <summary>The option's value, the last one if it was given twice; null if it was not given or has no value.</summary>
    public static string? Text(this ParseResult parse, Option option) =>
        parse.GetResult(option) is { Tokens: [.., var last] } ? last.Value : null;

    public static bool Given(this ParseResult parse, Option option) =>
        parse.GetResult(option) is { Implicit: false };

    /// <summary>The argument's first word; null if there is none.</summary>
    public static string? Text(this ParseResult parse, Argument argument) =>
        parse.GetResult(argument) is { Tokens: [var first, ..] } ? first.Value : null;

    /// <summary>All words of an argument, in their order.</summary>
    public static IReadOnlyList<string> Words(this ParseResult parse, Argument argument) =>
        parse.GetResult(argument) is { } result ? [.. result.Tokens.Select(token => token.Value)] : [];
}

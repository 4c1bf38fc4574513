using System.CommandLine;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Arguments;

/// <summary>The help texts of options.</summary>
internal static class OptionHelp
{
    /// <summary>Gives an option its line in the help.</summary>
    /// <param name="description">One line.</param>
    /// <param name="value">Placeholder for its value, such as <c>&lt;url&gt;</c>; null if it has none.</param>
    public static T WithHelp<T>(this T option, string description, string? value = null)
        where T : Option
    {
        option.Description = description;
        option.HelpName = value;
        return option;
    }

    public static bool TakesValue(this Option option) => option.Arity.MaximumNumberOfValues > 0;

    /// <summary><c>--server &lt;url&gt;</c></summary>
    public static string Label(this Option option) => option.HelpName is null ? option.Name : $"{option.Name} {option.HelpName}";

    /// <summary>All its names, the long one first.</summary>
    public static IEnumerable<string> Names(this Option option) => option.Aliases.Prepend(option.Name);

    /// <summary><c>--server &lt;url&gt;, -s</c> and the description.</summary>
    public static HelpEntry Entry(this Option option)
    {
        return new HelpEntry(string.Join(", ", option.Aliases.Prepend(option.Label())), option.Description ?? "");
    }
}

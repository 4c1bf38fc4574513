using System.CommandLine;
using System.Text;
using ClawEvents.Cli.Arguments;

namespace ClawEvents.Cli.Completion;

/// <summary>The script for fish.</summary>
internal static class FishScript
{
    public static string Write(CompletionTable table)
    {
        var text = new StringBuilder($$"""
            # fish completion for claw.events: claw.events completion fish | source
            # Whether the line has come to this command.
            function __claw_events_at --argument-names wanted
                set -l place ''
                set -l is_value 0
                for word in (commandline -opc)[2..-1]
                    if test $is_value -eq 1
                        set is_value 0
                        continue
                    end
                    switch $word
                        case --
                            return 1
                        case {{string.Join(' ', table.ValueOptions)}}
                            set is_value 1
                            continue
                    end
                    switch "$place $word"

            """);
        foreach (var place in table.Places.Skip(1))
        {
            text.Append($"            case {string.Join(' ', place.Spellings.Select(Quote))}\n                set place {Quote(place.Path)}\n");
        }
        text.Append("""
                    end
                end
                test "$place" = "$wanted"
            end
            complete -c claw.events -f

            """);
        foreach (var option in table.GlobalOptions)
        {
            AppendOption(text, option, "");
        }
        foreach (var place in table.Places)
        {
            AppendPlace(text, place);
        }
        return text.ToString();
    }

    private static void AppendPlace(StringBuilder text, CompletionPlace place)
    {
        var condition = $" -n {Quote($"__claw_events_at '{place.Path}'")}";
        foreach (var verb in place.Verbs)
        {
            text.Append($"complete -c claw.events{condition} -a {verb.Name} -d {Quote(verb.Help.Summary)}\n");
        }
        foreach (var option in place.Options)
        {
            AppendOption(text, option, condition);
        }
    }

    // fish calls a short name of more than one letter an old-style option.
    private static void AppendOption(StringBuilder text, Option option, string condition)
    {
        text.Append($"complete -c claw.events{condition} -l {option.Name[2..]}");
        foreach (var alias in option.Aliases)
        {
            text.Append(alias.Length == 2 ? $" -s {alias[1..]}" : $" -o {alias[1..]}");
        }
        text.Append(!option.TakesValue() ? "" : CompletionTable.IsFile(option) ? " -r -F" : " -x");
        text.Append($" -d {Quote(option.Description ?? "")}\n");
    }

    private static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}

using System.Text;

namespace ClawEvents.Cli.Completion;

/// <summary>The script for bash, from version 3.2 on.</summary>
internal static class BashScript
{
    private const string Head = """
        # bash completion for claw.events: source <(claw.events completion bash)
        _claw_events() {
            local cur="${COMP_WORDS[COMP_CWORD]}" place="" words="" i
            COMPREPLY=()
            # Find the command that is being typed.
            for ((i = 1; i < COMP_CWORD; i++)); do
                case "${COMP_WORDS[i]}" in
                    --) local IFS=$'\n'; COMPREPLY=($(compgen -c -f -- "$cur")); return ;;

        """;

    public static string Write(CompletionTable table)
    {
        var text = new StringBuilder(Head);
        // While the value of an option is typed, files are offered for it, or nothing.
        text.Append($$"""
                        {{string.Join('|', table.FileOptions)}}) ((++i < COMP_CWORD)) && continue; local IFS=$'\n'; COMPREPLY=($(compgen -f -- "$cur")); return ;;
                        {{string.Join('|', table.ValueOptions.Except(table.FileOptions))}}) ((++i < COMP_CWORD)) && continue; return ;;
                    esac
                    case "$place ${COMP_WORDS[i]}" in

            """);
        foreach (var place in table.Places.Skip(1))
        {
            text.Append($"            {string.Join('|', place.Spellings.Select(Quote))}) place={Quote(place.Path)} ;;\n");
        }
        text.Append("""
                    esac
                done
                case "$place" in

            """);
        foreach (var place in table.Places)
        {
            text.Append($"        {Quote(place.Path)}) words={Quote(WordsAt(place))} ;;\n");
        }
        return text.Append($$"""
                esac
                [[ "$cur" != -* ]] || words="$words {{Names(table.GlobalOptions)}}"
                COMPREPLY=($(compgen -W "$words" -- "$cur"))
            }
            complete -F _claw_events claw.events

            """).ToString();
    }

    // Options are filtered out by the shell unless the word begins with a hyphen or no command can follow.
    private static string WordsAt(CompletionPlace place) =>
        string.Join(' ', place.Verbs.Select(verb => verb.Name).Concat(place.Options.Select(option => option.Name)));

    private static string Names(IEnumerable<System.CommandLine.Option> options) => string.Join(' ', options.Select(option => option.Name));

    private static string Quote(string text) => $"\"{text}\"";
}

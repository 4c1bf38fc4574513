using System.CommandLine;
using System.Text;

namespace ClawEvents.Cli.Completion;

/// <summary>The script for zsh, to be sourced or to be put into a folder of <c>$fpath</c>.</summary>
internal static class ZshScript
{
    private const string Head = """
        #compdef claw.events
        # zsh completion for claw.events: source <(claw.events completion zsh), after compinit
        _claw_events() {
            local place=""
            local -i i
            local -a verbs options
            # Which command the line has come to.
            for ((i = 2; i < CURRENT; i++)); do
                case "$words[i]" in
                    --) _files; return ;;

        """;

    public static string Write(CompletionTable table)
    {
        var text = new StringBuilder(Head);
        text.Append($$"""
                        {{string.Join('|', table.FileOptions)}}) ((++i < CURRENT)) && continue; _files; return ;;
                        {{string.Join('|', table.ValueOptions.Except(table.FileOptions))}}) ((++i < CURRENT)) && continue; return ;;
                    esac
                    case "$place $words[i]" in

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
            text.Append($"        {Quote(place.Path)})\n");
            text.Append($"            verbs=({Entries(place.Verbs.Select(verb => (verb.Name, verb.Description)))})\n");
            text.Append($"            options=({Entries(place.Options.Select(Entry))}) ;;\n");
        }
        return text.Append($$"""
                esac
                options+=({{Entries(table.GlobalOptions.Select(Entry))}})
                if [[ "$words[CURRENT]" == -* ]] || (( ! $#verbs )); then
                    _describe -o option options
                else
                    _describe command verbs
                fi
            }
            if [[ "$funcstack[1]" == _claw_events ]]; then
                _claw_events "$@"
            else
                compdef _claw_events claw.events
            fi

            """).ToString();
    }

    private static (string Name, string? Description) Entry(Option option) => (option.Name, option.Description);

    private static string Entries(IEnumerable<(string Name, string? Description)> entries) =>
        string.Join(' ', entries.Select(entry => Quote($"{entry.Name}:{entry.Description}")));

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

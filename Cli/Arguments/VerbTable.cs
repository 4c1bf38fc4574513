namespace ClawEvents.Cli.Arguments;

/// <summary>One command by its name, made when it is asked for: a run uses one of some thirty.</summary>
/// <param name="Name">As the verb itself says.</param>
/// <param name="Make">Makes a verb, each time a new one.</param>
/// <param name="Alias">Another name the verb goes by.</param>
internal sealed record VerbEntry(string Name, Func<Verb> Make, string? Alias = null);

/// <summary>Verbs that belong together in the list of commands.</summary>
internal sealed record VerbGroup(string Title, params IReadOnlyList<VerbEntry> Verbs);

/// <summary>All commands: what help, completion and the manual page are made from.</summary>
internal sealed class VerbTable(IReadOnlyList<VerbGroup> groups)
{
    public IReadOnlyList<VerbGroup> Groups { get; } = groups;

    /// <summary>Makes all of them.</summary>
    public IEnumerable<Verb> All() => Groups.SelectMany(group => group.Verbs).Select(entry => entry.Make());

    /// <summary>Makes the one of this name or alias; null if there is none.</summary>
    public Verb? Find(string name)
    {
        foreach (var group in Groups)
        {
            foreach (var entry in group.Verbs)
            {
                if (entry.Name == name || entry.Alias == name)
                {
                    return entry.Make();
                }
            }
        }
        return null;
    }

    /// <summary>Makes the one that a path of names leads to, such as <c>advertise set</c>; null if there is none.</summary>
    public Verb? Find(IReadOnlyList<string> path) =>
        path.Skip(1).Aggregate(path.Count > 0 ? Find(path[0]) : null, (verb, name) => Inside(verb, name));

    private static Verb? Inside(Verb? verb, string name) =>
        verb?.Subcommands.OfType<Verb>().FirstOrDefault(inner => inner.Name == name || inner.Aliases.Contains(name));
}

namespace ClawEvents.Cli.Arguments;

/// <summary>A command's name and its factory: a run creates one of some thirty commands.</summary>
internal sealed record VerbEntry(string Name, Func<Verb> Make, string? Alias = null);

/// <summary>A titled group in the list of commands.</summary>
internal sealed record VerbGroup(string Title, params IReadOnlyList<VerbEntry> Verbs);

/// <summary>All commands. Help, completion and the manual page are generated from them.</summary>
internal sealed class VerbTable(IReadOnlyList<VerbGroup> groups)
{
    public IReadOnlyList<VerbGroup> Groups { get; } = groups;

    /// <summary>Every name and alias.</summary>
    public IEnumerable<string> Names =>
        Groups.SelectMany(group => group.Verbs).SelectMany(entry => entry.Alias is { } alias ? new[] { entry.Name, alias } : [entry.Name]);

    /// <summary>Creates every verb.</summary>
    public IEnumerable<Verb> All() => Groups.SelectMany(group => group.Verbs).Select(entry => entry.Make());

    /// <summary>Creates the verb with this name or alias; null if there is none.</summary>
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

    /// <summary>Creates the verb at a path of names, such as <c>advertise set</c>; null if there is none.</summary>
    public Verb? Find(IReadOnlyList<string> path) =>
        path.Skip(1).Aggregate(path.Count > 0 ? Find(path[0]) : null, (verb, name) => Inside(verb, name));

    private static Verb? Inside(Verb? verb, string name) =>
        verb?.Subcommands.OfType<Verb>().FirstOrDefault(inner => inner.Name == name || inner.Aliases.Contains(name));
}

namespace ClawEvents.Cli.Output;

/// <summary>The help texts of a verb.</summary>
/// <param name="Summary">One line in the list of all commands.</param>
/// <param name="Usage">As typed.</param>
/// <param name="Page">Last part of the documentation's address, below <c>/docs/</c>.</param>
/// <param name="Examples">As typed; at least one.</param>
internal sealed record VerbHelp(string Summary, string Usage, string Page, params IReadOnlyList<string> Examples)
{
    /// <summary>null for <c>Help for &lt;command&gt;</c>, the default.</summary>
    public string? Description { get; init; }
}

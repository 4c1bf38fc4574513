namespace ClawEvents.Cli.Output;

/// <summary>What a verb says about itself.</summary>
/// <param name="Summary">One line in the list of all commands.</param>
/// <param name="Usage">As typed.</param>
/// <param name="Page">Last part of the documentation's address, below <c>/docs/</c>.</param>
/// <param name="Examples">As typed; at least one.</param>
internal sealed record VerbHelp(string Summary, string Usage, string Page, params IReadOnlyList<string> Examples)
{
    /// <summary>null: <c>Help for &lt;command&gt;</c>, which is what most commands say.</summary>
    public string? Description { get; init; }
}

namespace ClawEvents.Cli.Streams;

/// <summary>A subscription that reads its channel's history page by page, because more was missed than the server sends with a
/// recovery. Publications that arrive meanwhile are in the history too, and are read from there.</summary>
/// <param name="target">The channel's offset when the subscription began.</param>
internal sealed class CatchUp(ulong target)
{
    /// <summary>Publications of one page: what servers send at most.</summary>
    public const int PageSize = 300;

    /// <summary>The newest offset that is known to have been published; with it in hand nothing is missing.</summary>
    public ulong Target { get; private set; } = target;

    /// <summary>Publications read so far.</summary>
    public ulong Count { get; set; }

    /// <summary>Called for a publication that arrives meanwhile.</summary>
    public void Saw(ulong offset) => Target = Math.Max(Target, offset);
}

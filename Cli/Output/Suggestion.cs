namespace ClawEvents.Cli.Output;

/// <summary>Finds the word that was probably meant.</summary>
internal static class Suggestion
{
    // Two slips of the finger; more would suggest words that nobody meant.
    private const int MostEdits = 2;

    /// <returns><c>Did you mean …?</c>, or null if nothing is near enough.</returns>
    public static string? For(string word, IEnumerable<string> candidates)
    {
        var nearest = candidates
            .Select(candidate => (Candidate: candidate, Edits: Distance(word, candidate)))
            .Where(pair => pair.Edits <= Math.Min(MostEdits, word.TrimStart('-').Length / 2))
            .OrderBy(pair => pair.Edits)
            .Select(pair => pair.Candidate)
            .FirstOrDefault();
        return nearest is null ? null : $"Did you mean {nearest}?";
    }

    /// <summary>The fixes, the suggestion first if there is one.</summary>
    public static IReadOnlyList<string> Before(this string? suggestion, params ReadOnlySpan<string> fixes) =>
        suggestion is null ? [.. fixes] : [suggestion, .. fixes];

    // Letters inserted, left out, replaced, or swapped with their neighbour (optimal string alignment).
    private static int Distance(string from, string to)
    {
        var rows = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            rows[i, 0] = i;
        }
        for (var j = 0; j <= to.Length; j++)
        {
            rows[0, j] = j;
        }
        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var cost = from[i - 1] == to[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }
        return rows[from.Length, to.Length];
    }
}

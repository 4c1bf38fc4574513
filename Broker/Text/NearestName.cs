namespace ClawEvents.Broker.Text;

/// <summary>Finds the known name that somebody probably meant to write.</summary>
internal static class NearestName
{
    /// <summary>One slip for each four characters, and at least one: a missing, surplus or wrong character, or two that changed places.</summary>
    /// <param name="name">As written; upper and lower case count as equal.</param>
    /// <param name="known">The names to choose from.</param>
    /// <returns>Null if no known name is near enough.</returns>
    public static string? Find(string name, IEnumerable<string> known)
    {
        var (nearest, best) = ((string?)null, Math.Max(1, name.Length / 4) + 1);
        foreach (var candidate in known.Where(candidate => Math.Abs(candidate.Length - name.Length) < best))
        {
            if (Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant()) is var distance && distance < best)
            {
                (nearest, best) = (candidate, distance);
            }
        }

        return nearest;
    }

    // Optimal string alignment; row i has the distances of the first i characters of one name to each beginning of the other.
    private static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0 ? i + j : Math.Min(Slip(rows, left, right, i, j), Swap(rows, left, right, i, j));
            }
        }

        return rows[left.Length, right.Length];
    }

    private static int Slip(int[,] rows, string left, string right, int i, int j) =>
        Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));

    private static int Swap(int[,] rows, string left, string right, int i, int j) =>
        i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] ? rows[i - 2, j - 2] + 1 : int.MaxValue;
}

using System.Text;

namespace ClawEvents.Cli.Output;

/// <summary>A table of aligned columns, each as wide as its longest cell.</summary>
/// <remarks>By hand, although Spectre.Console compiles to native code: docs/decisions/0017-tables-of-the-client.md</remarks>
/// <param name="columns">The titles.</param>
/// <param name="rows">Each with a cell for every column, without line ends.</param>
internal sealed class TextTable(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
{
    private const string Gap = "  ";

    // Less of a description says nothing.
    private const int LeastProse = 12;

    /// <summary>Appends the titles and the rows, one line each.</summary>
    /// <param name="indent">Before every line.</param>
    /// <param name="title">Paints a line of titles.</param>
    /// <param name="width">Columns of the terminal. Descriptions are cut to fit; names, which may be copied, never are.</param>
    public void Append(StringBuilder text, string indent, Func<string, string> title, int width)
    {
        var widths = columns.Select((column, index) => rows.Max(row => row[index].Length) is var longest && longest > column.Length ? longest : column.Length).ToArray();
        FitProse(widths, width - indent.Length);
        text.Append(indent).Append(title(Line(columns, widths))).Append('\n');
        foreach (var row in rows)
        {
            text.Append(indent).Append(Line(row, widths)).Append('\n');
        }
    }

    private void FitProse(int[] widths, int width)
    {
        var tooWide = widths.Sum() + (Gap.Length * (widths.Length - 1)) - width;
        int[] prose = [.. Enumerable.Range(0, widths.Length).Where(index => rows.Any(row => row[index].Contains(' '))).OrderBy(index => widths[index])];
        if (tooWide > 0 && prose is [.., var widest])
        {
            widths[widest] = Math.Max(Math.Min(widths[widest], LeastProse), widths[widest] - tooWide);
        }
    }

    private static string Line(IReadOnlyList<string> cells, int[] widths) =>
        string.Join(Gap, cells.Select((cell, index) => Cut(cell, widths[index]).PadRight(widths[index]))).TrimEnd();

    private static string Cut(string cell, int width) => cell.Length <= width ? cell : cell[..(width - 1)] + "…";
}

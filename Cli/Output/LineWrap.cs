using System.Text;

namespace ClawEvents.Cli.Output;

/// <summary>Breaks long lines between words; a word longer than a line stays whole, so that addresses and paths can be copied.</summary>
internal static class LineWrap
{
    /// <summary>Appends <paramref name="label"/> and <paramref name="text"/>; lines after the first are indented to the label's
    /// end. Line ends in the text are kept.</summary>
    public static void Append(StringBuilder output, string label, string text, int width)
    {
        var indent = new string(' ', label.Length);
        output.Append(label);
        var first = true;
        foreach (var line in text.Split('\n'))
        {
            if (!first)
            {
                output.Append('\n').Append(indent);
            }
            first = false;
            AppendWords(output, line, indent, width);
        }
        output.Append('\n');
    }

    private static void AppendWords(StringBuilder output, string line, string indent, int width)
    {
        var column = indent.Length;
        var first = true;
        foreach (var word in line.Split(' '))
        {
            if (!first && column + 1 + word.Length > width)
            {
                output.Append('\n').Append(indent);
                column = indent.Length;
                first = true;
            }
            if (!first)
            {
                output.Append(' ');
                column++;
            }
            output.Append(word);
            column += word.Length;
            first = false;
        }
    }
}

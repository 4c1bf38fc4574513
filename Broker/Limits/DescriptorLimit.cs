using System.Globalization;

namespace ClawEvents.Broker.Limits;

/// <summary>How many descriptors this process may have (<c>ulimit -n</c>), as Linux tells it.</summary>
/// <remarks>A process without a free descriptor cannot accept, nor reach its store; the runtime itself ends with "out of memory" then.</remarks>
internal static class DescriptorLimit
{
    private const string LimitName = "Max open files";

    /// <summary>The soft limit, which the runtime has raised to the hard one; null: unknown, or none.</summary>
    public static int? Read()
    {
        const string limits = "/proc/self/limits";
        return File.Exists(limits) ? Parse(File.ReadLines(limits)) : null;
    }

    /// <summary>Descriptors that are open now; 0: unknown. Null: there is not even one left to count with.</summary>
    public static int? CountOpen()
    {
        const string descriptors = "/proc/self/fd";
        try
        {
            return Directory.Exists(descriptors) ? Directory.EnumerateFileSystemEntries(descriptors).Count() : 0;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <param name="lines">Of <c>/proc/self/limits</c>: a name, the soft limit, the hard limit and the unit.</param>
    public static int? Parse(IEnumerable<string> lines) =>
        lines.FirstOrDefault(line => line.StartsWith(LimitName, StringComparison.Ordinal)) is { } line
        && int.TryParse(line[LimitName.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], NumberStyles.None, CultureInfo.InvariantCulture, out var soft)
            ? soft
            : null;
}

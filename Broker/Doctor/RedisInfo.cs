using System.Globalization;

namespace ClawEvents.Broker.Doctor;

/// <summary>The answer of INFO: lines of <c>name:value</c>.</summary>
internal sealed class RedisInfo
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public static RedisInfo Parse(string text)
    {
        var info = new RedisInfo();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                info._values[line[..colon]] = line[(colon + 1)..];
            }
        }

        return info;
    }

    /// <returns>Empty if it is missing.</returns>
    public string Text(string name) => _values.GetValueOrDefault(name, "");

    /// <returns>0 if it is missing.</returns>
    public long Number(string name) => long.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

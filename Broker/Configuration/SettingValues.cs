using System.Globalization;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads the values of settings in sections.</summary>
/// <param name="fault">Receives each fault: the full key, what is wrong, an example.</param>
internal sealed class SettingValues(Action<string, string, string> fault)
{
    /// <summary>A list of the file, or a text with parts separated by spaces.</summary>
    public static string[] List(IConfigurationSection value) =>
        value.Value is { } text ? text.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [.. value.GetChildren().Select(part => part.Value ?? "")];

    public bool Flag(IConfigurationSection value)
    {
        if (bool.TryParse(value.Value, out var flag))
        {
            return flag;
        }

        fault(value.Path, $"'{value.Value}' is neither true nor false", "true");
        return false;
    }

    /// <returns>0 if it is not a number.</returns>
    public int Number(IConfigurationSection value, int most)
    {
        if (int.TryParse(value.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most)
        {
            return number;
        }

        fault(value.Path, $"'{value.Value}' is not a whole number from 0 to {most}", "100");
        return 0;
    }

    public TimeSpan Duration(IConfigurationSection value, TimeSpan fallback)
    {
        if (DurationText.TryParse(value.Value ?? "", out var duration))
        {
            return duration;
        }

        fault(value.Path, $"'{value.Value}' is not a duration", "300s");
        return fallback;
    }

    /// <summary>Reports an option that no name stands for.</summary>
    /// <param name="names">Those that there are.</param>
    /// <param name="example">Of one of them, with its path.</param>
    public void Unknown(IConfigurationSection value, IEnumerable<string> names, string example) =>
        fault(value.Path, NearestName.Find(value.Key, names) is { } near ? $"unknown option; did you mean {near}?" : "unknown option", example);

    /// <summary>An option of a section by a name in which underscores stand for the path: <c>map_key_ttl</c>, as in a variable of Centrifugo; null: it is none.</summary>
    /// <param name="options">Of the section; case-insensitive.</param>
    public static string? PathOf(string flatName, string section, IReadOnlyCollection<string> options) =>
        flatName.StartsWith($"{section}_", StringComparison.OrdinalIgnoreCase) && options.Contains(flatName[(section.Length + 1)..], StringComparer.OrdinalIgnoreCase)
            ? $"{section}:{flatName[(section.Length + 1)..]}"
            : null;

    /// <summary>One of some words; the first of them if it is another one.</summary>
    public T Choose<T>(IConfigurationSection value, params ReadOnlySpan<(string Word, T Meaning)> choices)
    {
        foreach (var (word, meaning) in choices)
        {
            if (word == (value.Value ?? ""))
            {
                return meaning;
            }
        }

        fault(value.Path, $"'{value.Value}' is not supported", choices[^1].Word);
        return choices[0].Meaning;
    }
}

using System.Globalization;

namespace ClawEvents.Broker.Maps;

/// <summary>The place of an entry in the order of a map's state: a page begins after it. Its text is the key, or <c>SCORE:KEY</c> where the map is ordered.</summary>
internal readonly record struct MapCursor(string Key, long Score = 0)
{
    /// <summary>Before the first entry.</summary>
    public bool IsStart => string.IsNullOrEmpty(Key);

    /// <param name="text">Empty: the start.</param>
    public static bool TryParse(string text, bool isOrdered, out MapCursor cursor)
    {
        cursor = new(text);
        if (!isOrdered || text.Length == 0)
        {
            return true;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !long.TryParse(text.AsSpan(..colon), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var score))
        {
            return false;
        }

        cursor = new(text[(colon + 1)..], score);
        return true;
    }

    public string ToText(bool isOrdered) => isOrdered ? string.Create(CultureInfo.InvariantCulture, $"{Score}:{Key}") : Key;
}

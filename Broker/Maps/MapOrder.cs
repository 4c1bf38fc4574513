namespace ClawEvents.Broker.Maps;

/// <summary>The order of a map's entries: by rank, and then by the bytes of the key, as Redis compares them.</summary>
internal sealed class MapOrder : IComparer<MapEntry>
{
    private const char FirstSurrogate = '\uD800';
    private const char LastSurrogate = '\uDFFF';
    private const int AboveAll = 0x10000;

    public static MapOrder Instance { get; } = new();

    public int Compare(MapEntry? x, MapEntry? y) => x!.Rank.CompareTo(y!.Rank) is var rank && rank != 0 ? rank : Compare(x.Key, y.Key);

    // Characters of two code units come after all others in UTF-8, but not in UTF-16.
    private static int Compare(string x, string y)
    {
        var common = x.AsSpan().CommonPrefixLength(y);
        return common == x.Length || common == y.Length ? x.Length.CompareTo(y.Length) : Weight(x[common]).CompareTo(Weight(y[common]));
    }

    private static int Weight(char character) => character is >= FirstSurrogate and <= LastSurrogate ? character + AboveAll : character;
}

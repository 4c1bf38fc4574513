using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Maps;

/// <summary>Which part of a map's state is asked for.</summary>
/// <param name="Limit">Most entries; 0: only the position; below 0 or above: <see cref="MapOptions.MostPerPage"/>.</param>
/// <param name="Cursor">Of the page before; empty: from the beginning.</param>
/// <param name="Ascending">Of an ordered map: the lowest score first.</param>
/// <param name="Key">Only this key's entry, whatever the others say; null: all.</param>
internal readonly record struct MapStateFilter(int Limit, string Cursor = "", bool Ascending = false, string? Key = null);

/// <summary>A part of a map's state, read at one moment.</summary>
/// <param name="Entries">By key, or by score and then key where the map is ordered. Keys are compared by their bytes.</param>
/// <param name="Top">The map's position.</param>
/// <param name="Cursor">For the next page; empty: this is the last one.</param>
internal sealed record MapStatePage(IReadOnlyList<MapPublication> Entries, StreamPosition Top, string Cursor);

/// <summary>A part of a map's changes, read at one moment.</summary>
/// <param name="Changes">In the order that was asked for.</param>
/// <param name="Top">The map's position: the offset of its last change, kept or not.</param>
internal sealed record MapStreamPage(IReadOnlyList<MapPublication> Changes, StreamPosition Top);

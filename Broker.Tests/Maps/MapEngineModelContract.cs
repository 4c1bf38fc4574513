using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Maps;

/// <summary>The contract of every engine of maps: random operations have the results of a simple model.</summary>
internal abstract class MapEngineModelContract : MapEngineTestBase
{
    private const int Operations = 400;

    private static readonly string[] Keys = ["a", "b", "bb", "c", "é", "\U0001F600"];

    private readonly SortedDictionary<string, (string Value, long Score, ulong Version)> _state = new(StringComparer.Ordinal);
    private readonly List<string> _stream = [];
    private ulong _top;

    [TestCase(1, false)]
    [TestCase(2, false)]
    [TestCase(3, true)]
    [TestCase(4, true)]
    public async Task Random_operations_have_the_results_of_a_model(int seed, bool isOrdered)
    {
        var random = new Random(seed);
        var options = Persistent with { IsOrdered = isOrdered };
        for (var i = 0; i < Operations; i++)
        {
            await (random.Next(20) switch
            {
                < 11 => PublishAsync(random, options, i),
                < 15 => RemoveAsync(random, options),
                < 17 => ComparePagesAsync(random, options),
                < 19 => CompareStreamAsync(random, options),
                _ => ClearAsync(random, options),
            });
        }

        await ComparePagesAsync(random, options);
    }

    private async Task PublishAsync(Random random, MapOptions options, int number)
    {
        var key = Keys[random.Next(Keys.Length)];
        var mode = (KeyMode)random.Next(3);
        var (score, version) = (random.Next(-2, 3), (ulong)random.Next(3));
        var isThere = _state.TryGetValue(key, out var old);
        var expected = version > 0 && isThere && version <= old.Version ? MapOutcome.Outdated
            : mode is KeyMode.IfNew && isThere ? MapOutcome.KeyExists
            : mode is KeyMode.IfExists && !isThere ? MapOutcome.KeyNotFound
            : MapOutcome.Applied;
        if (expected is MapOutcome.Applied)
        {
            _state[key] = ($"{number}", score, Math.Max(version, old.Version));
            Note($"{key}={number}");
        }

        var result = await Engine.PublishAsync(Channel, options, Change(key, $"{number}", score) with { KeyMode = mode, Version = version, WantsDelta = true });

        Assert.That((result.Outcome, result.Position.Offset), Is.EqualTo((expected, _top)), $"publish {number} of {key}");
    }

    private async Task RemoveAsync(Random random, MapOptions options)
    {
        var key = Keys[random.Next(Keys.Length)];
        var isThere = _state.Remove(key);
        if (isThere)
        {
            Note($"-{key}");
        }

        var result = await Engine.RemoveAsync(Channel, options, new(key));

        Assert.That(result.Outcome, Is.EqualTo(isThere ? MapOutcome.Applied : MapOutcome.KeyNotFound));
        Assert.That(result.Position.Offset, Is.EqualTo(_top));
    }

    private async Task ComparePagesAsync(Random random, MapOptions options)
    {
        var (limit, ascending, cursor) = (random.Next(1, 5), random.Next(2) == 0, "");
        var read = new List<string>();
        do
        {
            var page = await ReadAsync(options, limit, cursor, ascending);
            read.AddRange(page.Entries.Select(entry => $"{entry.Key}={entry.Publication.Data.Text()}"));
            cursor = page.Cursor;
        }
        while (cursor.Length > 0);

        IEnumerable<KeyValuePair<string, (string Value, long Score, ulong Version)>> expected = options.IsOrdered ? _state.OrderBy(entry => entry.Value.Score).ThenBy(entry => entry.Key, StringComparer.Ordinal) : _state;
        expected = options.IsOrdered && !ascending ? expected.Reverse() : expected;
        Assert.That(read, Is.EqualTo(expected.Select(entry => $"{entry.Key}={entry.Value.Value}")));
        Assert.That(await Engine.CountAsync(Channel), Is.EqualTo(_state.Count));
    }

    private async Task CompareStreamAsync(Random random, MapOptions options)
    {
        var (since, limit) = ((ulong)random.Next((int)_top + 2), random.Next(1, 12));

        var read = await StreamAsync(options, limit, since);

        Assert.That(read, Is.EqualTo(string.Join(' ', _stream.TakeLast(Persistent.StreamSize).Where(change => OffsetOf(change) > since).Take(limit))));
    }

    private async Task ClearAsync(Random random, MapOptions options)
    {
        if (random.Next(3) == 0)
        {
            await Engine.ClearAsync(Channel, options);
            _state.Clear();
            _stream.Clear();
            _top = 0;
        }
    }

    private static ulong OffsetOf(string change) => ulong.Parse(change.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture);

    private void Note(string change) => _stream.Add($"{++_top}:{change}");
}

namespace ClawEvents.Cli.Bench;

/// <summary>Which messages of the publishers one subscriber has got: it knows lost, duplicated and misordered ones by their numbers.</summary>
/// <remarks>A bit per message. One writer at a time.</remarks>
internal sealed class ArrivalCheck
{
    private const int BitsPerPart = 64;

    // 1 GiB of bits for each publisher; a number beyond was not made by a benchmark.
    private const long MaxSequence = 1L << 33;

    private readonly Dictionary<(uint Run, int Publisher), Arrivals> _arrivals = [];

    /// <summary>Different messages.</summary>
    public long Received { get; private set; }

    public long Duplicated { get; private set; }

    /// <summary>Came after a later one of the same publisher.</summary>
    public long Misordered { get; private set; }

    /// <summary>Messages between the first and the last of each publisher that have not come.</summary>
    public long Missing => _arrivals.Values.Sum(arrivals => arrivals.Highest - arrivals.Lowest + 1) - Received;

    /// <returns>False for a message that came before.</returns>
    public bool Add(BenchMark mark)
    {
        if (mark.Sequence >= MaxSequence)
        {
            return false;
        }
        if (!_arrivals.TryGetValue((mark.Run, mark.Publisher), out var arrivals))
        {
            _arrivals.Add((mark.Run, mark.Publisher), arrivals = new());
        }
        if (!arrivals.TryAdd(mark.Sequence))
        {
            Duplicated++;
            return false;
        }
        Received++;
        Misordered += mark.Sequence < arrivals.Highest ? 1 : 0;
        arrivals.Lowest = Math.Min(arrivals.Lowest, mark.Sequence);
        arrivals.Highest = Math.Max(arrivals.Highest, mark.Sequence);
        return true;
    }

    private sealed class Arrivals
    {
        private readonly List<ulong> _bits = [];

        public long Lowest { get; set; } = long.MaxValue;

        public long Highest { get; set; } = -1;

        public bool TryAdd(long sequence)
        {
            var part = (int)(sequence / BitsPerPart);
            while (_bits.Count <= part)
            {
                _bits.Add(0);
            }
            var bit = 1UL << (int)(sequence % BitsPerPart);
            var isNew = (_bits[part] & bit) == 0;
            _bits[part] |= bit;
            return isNew;
        }
    }
}

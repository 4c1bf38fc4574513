using System.Globalization;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>The place of an order in the list of recent orders: the id that Redis gives its entry in a stream.</summary>
/// <param name="Milliseconds">When it was sent: Unix time by the clock of Redis. Grows even if that clock goes back.</param>
/// <param name="Sequence">Distinguishes those of one millisecond.</param>
internal readonly record struct OrderId(ulong Milliseconds, ulong Sequence) : IComparable<OrderId>
{
    /// <summary>Before the first order.</summary>
    public static OrderId None => default;

    /// <summary>The smallest id after this one.</summary>
    public OrderId Next => Sequence == ulong.MaxValue ? new(Milliseconds + 1, 0) : this with { Sequence = Sequence + 1 };

    public static bool operator <(OrderId left, OrderId right) => left.CompareTo(right) < 0;

    public static bool operator >(OrderId left, OrderId right) => left.CompareTo(right) > 0;

    public static bool operator <=(OrderId left, OrderId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(OrderId left, OrderId right) => left.CompareTo(right) >= 0;

    /// <param name="text"><c>MILLISECONDS-SEQUENCE</c>, as Redis writes it.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out OrderId id)
    {
        var dash = text.IndexOf('-');
        if (dash > 0
            && ulong.TryParse(text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && ulong.TryParse(text[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            id = new(milliseconds, sequence);
            return true;
        }

        id = default;
        return false;
    }

    public int CompareTo(OrderId other) => (Milliseconds, Sequence).CompareTo((other.Milliseconds, other.Sequence));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds}-{Sequence}");
}

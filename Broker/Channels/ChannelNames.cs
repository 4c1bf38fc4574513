using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ClawEvents.Broker.Channels;

/// <summary>Turns the bytes of a name into a <see cref="ChannelName"/>, without an allocation when the name was seen lately.</summary>
/// <param name="maxBytes">The longest name to accept, 1 to <see cref="MaxBytes"/>.</param>
/// <param name="syntax">Null: the usual one.</param>
/// <remarks>
/// DESIGN. Every publish and subscribe names a channel, and a busy broker sees the same names all day. A direct-mapped table
/// of the last names keeps their parsed form: a slot is one reference, read and written without a gate, and a collision only
/// costs a new parse. The table never grows, so strangers who invent names cannot raise memory. Subscribers of one channel
/// also share one instance that way.
/// </remarks>
internal sealed class ChannelNames(int maxBytes, ChannelSyntax? syntax = null)
{
    /// <summary>The longest name any setting may allow, in bytes: offsets within a name are kept in a byte.</summary>
    public const int MaxBytes = 255;

    private const int Slots = 4096;

    private readonly ChannelName?[] _recent = new ChannelName?[Slots];

    public ChannelSyntax Syntax { get; } = syntax ?? ChannelSyntax.Default;

    /// <summary>The rule for names, as the message of a refusal states it.</summary>
    public string Rule { get; } = $"bad request: a channel name is 1 to {maxBytes} bytes of printable ASCII";

    /// <summary>Parses a name as it came from the wire.</summary>
    /// <returns>False when it is empty, too long or has a byte that is not printable ASCII.</returns>
    /// <remarks>Thread-safe. Hot path: no allocation for a name seen lately.</remarks>
    public bool TryGet(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out ChannelName? name)
    {
        ref var slot = ref _recent[SlotOf(utf8)];
        name = Volatile.Read(ref slot);
        if (name is not null && Ascii.Equals(utf8, name.Value))
        {
            return true;
        }

        if (!TryParse(utf8, out name))
        {
            return false;
        }

        Volatile.Write(ref slot, name);
        return true;
    }

    /// <inheritdoc cref="TryGet(ReadOnlySpan{byte}, out ChannelName?)"/>
    public bool TryGet(ReadOnlySpan<char> value, [NotNullWhen(true)] out ChannelName? name)
    {
        name = null;
        Span<byte> utf8 = stackalloc byte[MaxBytes];
        return value.Length <= MaxBytes && Encoding.UTF8.TryGetBytes(value, utf8, out var length) && TryGet(utf8[..length], out name);
    }

    private static int SlotOf(ReadOnlySpan<byte> utf8)
    {
        var hash = new HashCode();
        hash.AddBytes(utf8);
        return hash.ToHashCode() & (Slots - 1);
    }

    private bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out ChannelName? name)
    {
        name = null;
        if (utf8.Length > maxBytes)
        {
            return false;
        }

        Span<char> value = stackalloc char[MaxBytes];
        return Ascii.ToUtf16(utf8, value, out var length) is System.Buffers.OperationStatus.Done
            && ChannelName.TryParse(value[..length], Syntax, out name);
    }
}

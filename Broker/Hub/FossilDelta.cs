using System.Buffers;
using System.Buffers.Binary;
using System.Text.Unicode;

namespace ClawEvents.Broker.Hub;

/// <summary>Makes patches in the format of Fossil's deltas: what a client has to do to its last publication to get the next one. Pure.</summary>
/// <remarks>
/// <c>LENGTH\n</c> of the target, then commands, then <c>CHECKSUM;</c>. Commands: <c>COUNT@OFFSET,</c> copies from the source, <c>COUNT:</c> and that many
/// bytes inserts them. Numbers are in base 64, highest digit first, digits <c>0-9A-Z_a-z~</c>.
/// <para>COST. Linear in source and target: what both begin and end with is found first; only for what lies between are the
/// source's blocks looked up, with a limit on how many that look alike are tried.</para>
/// </remarks>
internal static class FossilDelta
{
    /// <param name="source">The client's version, byte for byte.</param>
    /// <param name="target">The new version.</param>
    /// <param name="output">Gets the patch; nothing when there is none.</param>
    /// <param name="wholeCharacters">For patches that travel as text: the patch is valid UTF-8, since nothing is cut within a character. Needs a
    /// target that is.</param>
    /// <returns>False when the patch would not be shorter than the target: that is to be sent whole then.</returns>
    public static bool TryCreate(ReadOnlySpan<byte> source, ReadOnlySpan<byte> target, IBufferWriter<byte> output, bool wholeCharacters)
    {
        if (target.IsEmpty || source.IsEmpty || (wholeCharacters && !Utf8.IsValid(target)))
        {
            return false;
        }

        var patch = new FossilWriter(output.GetSpan(target.Length)[..(target.Length - 1)]);
        patch.WriteLength(target.Length);
        new FossilMatcher(source, target, wholeCharacters).WriteCommands(ref patch);
        patch.WriteChecksum(Checksum(target));
        if (patch.HasOverflowed)
        {
            return false;
        }

        output.Advance(patch.Written);
        return true;
    }

    /// <summary>The sum of the bytes taken as big-endian words of 32 bits, the last one filled up with zeros.</summary>
    public static uint Checksum(ReadOnlySpan<byte> target)
    {
        uint sum = 0;
        for (; target.Length >= sizeof(uint); target = target[sizeof(uint)..])
        {
            sum += BinaryPrimitives.ReadUInt32BigEndian(target);
        }

        Span<byte> last = stackalloc byte[sizeof(uint)];
        last.Clear();
        target.CopyTo(last);
        return sum + BinaryPrimitives.ReadUInt32BigEndian(last);
    }
}

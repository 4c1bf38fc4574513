namespace ClawEvents.Broker.Cluster;

/// <summary>Hashes of channels' names that are the same on every node and in every version. Pure.</summary>
internal static class ChannelHash
{
    /// <summary>The number of slots of Redis Cluster.</summary>
    public const int Slots = 16_384;

    private const ulong FnvOffset = 14_695_981_039_346_656_037;
    private const ulong FnvPrime = 1_099_511_628_211;

    private static readonly ushort[] CrcTable = MakeCrcTable();

    /// <summary>The index of the server that has the channel.</summary>
    /// <remarks>
    /// Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm" (2014), over FNV-1a: with one more server, a channel stays or moves
    /// to the new one.
    /// </remarks>
    public static int ShardOf(string name, int shards)
    {
        var key = Fnv(name);
        var (shard, next) = (0L, 0L);
        while (next < shards)
        {
            shard = next;
            key = (key * 2_862_933_555_777_941_757) + 1;
            next = (long)((shard + 1) * ((1L << 31) / (double)((key >> 33) + 1)));
        }

        return (int)shard;
    }

    /// <summary>The slot of Redis Cluster: CRC-16/XMODEM of the hash tag. https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/</summary>
    /// <param name="tag">ASCII.</param>
    /// <param name="more">The rest of the tag.</param>
    public static int SlotOf(ReadOnlySpan<char> tag, ReadOnlySpan<char> more = default) => Crc(Crc(0, tag), more) % Slots;

    private static ushort Crc(ushort crc, ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            crc = (ushort)((crc << 8) ^ CrcTable[((crc >> 8) ^ character) & 0xFF]);
        }

        return crc;
    }

    private static ulong Fnv(string name)
    {
        var hash = FnvOffset;
        foreach (var character in name)
        {
            hash = (hash ^ (byte)character) * FnvPrime;
        }

        return hash;
    }

    private static ushort[] MakeCrcTable()
    {
        const ushort polynomial = 0x1021;
        var table = new ushort[256];
        for (var i = 0; i < table.Length; i++)
        {
            var crc = (ushort)(i << 8);
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (ushort)((crc & 0x8000) != 0 ? (crc << 1) ^ polynomial : crc << 1);
            }

            table[i] = crc;
        }

        return table;
    }
}

using System.Security.Cryptography;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.SharedPolls;

/// <summary>What a poll, or a direct publish, says about a key.</summary>
internal enum KeyChange : byte
{
    Unchanged,
    Changed,
    Removed,
}

/// <summary>A key that somebody on this node tracks: what is known of its value, and who tracks it.</summary>
/// <remarks>Everything but the delivery to <see cref="Trackers"/> happens under the channel's gate.</remarks>
internal sealed class PolledKey(ChannelName channel, string name, ReactorPool? reactors)
{
    // Half of a SHA-256: the value itself is not kept.
    private UInt128 _digest;

    public string Name => name;

    public ChannelSubscribers Trackers { get; } = new(reactors);

    /// <summary>Of the newest value; 0: none has come yet.</summary>
    public ulong Version { get; private set; }

    /// <summary>A direct publish has just brought the newest value: the next cycle need not ask.</summary>
    public bool IsFresh { get; set; }

    /// <summary>Somebody began to track the key after its newest value had been delivered: it is asked for as if it were unknown, and delivered again.</summary>
    public bool IsMissed { get; set; }

    /// <summary>Somebody needed the value, and it has been asked for outside of the cycles.</summary>
    public bool IsAskedFor { get; set; }

    /// <summary>Out of its channel: later ones of the same name are others.</summary>
    public bool IsGone { get; set; }

    /// <summary>The version that a back end is told it need not send.</summary>
    public ulong KnownVersion => IsMissed ? 0 : Version;

    /// <summary>Forgets the value: versions begin again.</summary>
    public void Reset() => (Version, _digest, IsFresh, IsMissed) = (0, 0, false, false);

    /// <summary>Takes a value with a version.</summary>
    /// <param name="push">To be delivered to those that track the key; null: nothing is.</param>
    public KeyChange Take(in PolledValue value, out KeyPush? push)
    {
        push = null;
        if (value.Data.IsEmpty || value.Version < Version || value.Version == 0)
        {
            return KeyChange.Unchanged;
        }

        if (value.Version > Version)
        {
            push = KeyPush.Of(channel, name, value.Version, value.Data, Version, value.Previous);
            (Version, IsMissed) = (value.Version, false);
            return KeyChange.Changed;
        }

        push = Repeat(value.Data);
        return KeyChange.Unchanged;
    }

    /// <summary>Takes a value without a version: another value than the one before gets the next version.</summary>
    /// <param name="counter">The channel's last version.</param>
    /// <inheritdoc cref="Take(in PolledValue, out KeyPush?)"/>
    public KeyChange Take(in PolledValue value, ref ulong counter, out KeyPush? push)
    {
        push = null;
        if (value.Data.IsEmpty)
        {
            return KeyChange.Unchanged;
        }

        var digest = DigestOf(value.Data.Span);
        if (Version > 0 && digest == _digest)
        {
            push = Repeat(value.Data);
            return KeyChange.Unchanged;
        }

        counter = Math.Max(counter, Version) + 1;
        _digest = digest;
        return Take(value with { Version = counter }, out push);
    }

    // Only those get it who do not have it: each of them knows its version.
    private KeyPush? Repeat(ReadOnlyMemory<byte> data)
    {
        var push = IsMissed ? KeyPush.Of(channel, name, Version, data) : null;
        IsMissed = false;
        return push;
    }

    private static UInt128 DigestOf(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}

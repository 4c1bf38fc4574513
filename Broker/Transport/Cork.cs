namespace ClawEvents.Broker.Transport;

/// <summary>Something that has bytes in a reactor's <see cref="Cork"/>.</summary>
internal interface ICorked
{
    /// <summary>Sends what is in the cork and leaves it. On the reactor's thread.</summary>
    void Uncork();
}

/// <summary>Holds back what one connection answers during its turn, so that it leaves in one system call.</summary>
/// <remarks>One for each reactor, since only one connection has its turn at a time. Only the reactor's thread uses it.</remarks>
internal sealed class Cork
{
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(64 * 1024);
    private int _length;

    /// <summary>Null between turns.</summary>
    public ICorked? Owner { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Gives the cork to a connection; the one before it is uncorked first.</summary>
    public void Begin(ICorked owner)
    {
        if (Owner != owner)
        {
            Owner?.Uncork();
            Owner = owner;
        }
    }

    /// <returns>False when there is no room: the caller sends <see cref="Bytes"/>, and clears them, first.</returns>
    public bool TryAdd(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.TryCopyTo(_bytes.AsSpan(_length)))
        {
            return false;
        }

        _length += bytes.Length;
        return true;
    }

    public void Clear() => _length = 0;

    public void End()
    {
        Clear();
        Owner = null;
    }
}

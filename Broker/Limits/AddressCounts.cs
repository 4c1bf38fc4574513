using System.Runtime.InteropServices;

namespace ClawEvents.Broker.Limits;

/// <summary>How many of something each address has open.</summary>
/// <remarks>Thread-safe; the gate is held for a look-up. An address that has none takes no memory.</remarks>
/// <param name="most">For one address; 0: there is no limit, and nothing is counted.</param>
internal sealed class AddressCounts(int most)
{
    private readonly Lock _gate = new();

    // Under the gate.
    private readonly Dictionary<AddressKey, int> _counts = [];

    /// <summary>Counts one more; the caller gives it back with <see cref="Leave"/>.</summary>
    /// <returns>False when the address has as many as it may.</returns>
    public bool TryEnter(AddressKey address)
    {
        if (most == 0)
        {
            return true;
        }

        lock (_gate)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, address, out _);
            if (count >= most)
            {
                return false;
            }

            count++;
            return true;
        }
    }

    public void Leave(AddressKey address)
    {
        if (most == 0)
        {
            return;
        }

        lock (_gate)
        {
            if (--CollectionsMarshal.GetValueRefOrNullRef(_counts, address) == 0)
            {
                _counts.Remove(address);
            }
        }
    }
}

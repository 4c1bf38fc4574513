using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Tests.Transport;

internal sealed class PipeMemoryTests
{
    [TestCase(-1)]
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(100_000)]
    public void Memory_for_Kestrel_is_never_empty_and_never_too_short(int bytes)
    {
        using var rented = PipeMemory.Instance.Rent(bytes);

        Assert.That(rented.Memory.Length, Is.GreaterThanOrEqualTo(Math.Max(bytes, 1)));
    }
}

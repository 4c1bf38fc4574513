using System.Net;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Limits;

internal sealed class AddressBucketsTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public void Each_address_has_its_own_bucket()
    {
        var buckets = new AddressBuckets(new(1, 3), _time);

        var first = Enumerable.Range(0, 10).Count(_ => buckets.TryTake(Address(1)));

        Assert.That((first, buckets.TryTake(Address(2))), Is.EqualTo((3, true)));
    }

    [Test]
    public void Full_buckets_are_swept_out()
    {
        var buckets = new AddressBuckets(new(1, 3), _time);
        for (var i = 0; i < 1_000; i++)
        {
            buckets.TryTake(Address(i));
        }

        var during = buckets.Count;
        _time.Advance(TimeSpan.FromSeconds(10));
        buckets.TryTake(Address(0));

        Assert.That((during, buckets.Count), Is.EqualTo((1_000, 1)));
    }

    [Test]
    public void A_full_table_keeps_its_size_and_new_addresses_share_one_bucket()
    {
        var buckets = new AddressBuckets(new(1, 3), _time);
        for (var i = 0; i < AddressBuckets.MaxAddresses; i++)
        {
            buckets.TryTake(Address(i));
        }

        var strangers = Enumerable.Range(AddressBuckets.MaxAddresses, 100).Count(i => buckets.TryTake(Address(i)));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(strangers, Is.EqualTo(3));
            Assert.That(buckets.TryTake(Address(0)), Is.True, "an address that has a bucket keeps it");
            Assert.That(buckets.Count, Is.EqualTo(AddressBuckets.MaxAddresses));
        }
    }

    private static AddressKey Address(int number) => AddressKey.Of(new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]));
}

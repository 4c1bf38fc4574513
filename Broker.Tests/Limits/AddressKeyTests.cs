using System.Net;
using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Tests.Limits;

internal sealed class AddressKeyTests
{
    [TestCase("192.0.2.1", "192.0.2.1")]
    [TestCase("::ffff:192.0.2.1", "192.0.2.1")]
    [TestCase("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [TestCase("::1", "local")]
    public void The_text_is_the_address_that_is_counted(string address, string text) =>
        Assert.That(AddressKey.Of(IPAddress.Parse(address)).ToString(), Is.EqualTo(text));

    [TestCase("192.0.2.1", "192.0.2.1", true)]
    [TestCase("192.0.2.1", "192.0.2.2", false)]
    [TestCase("192.0.2.1", "::ffff:192.0.2.1", true)]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [TestCase("0:0:ffff:c000:201::", "192.0.2.1", false)]
    [TestCase("127.0.0.1", "127.9.9.9", true)]
    [TestCase("127.0.0.1", "::1", true)]
    [TestCase("::ffff:127.0.0.1", "::1", true)]
    public void IPv4_counts_by_address_and_IPv6_by_its_first_64_bits(string one, string other, bool same)
    {
        Assert.That(Of(one) == Of(other), Is.EqualTo(same));
    }

    [Test]
    public void Loopback_and_a_missing_address_are_this_machine()
    {
        Assert.That((Of("::1").IsThisMachine, AddressKey.Of(null).IsThisMachine, Of("192.0.2.1").IsThisMachine), Is.EqualTo((true, true, false)));
    }

    private static AddressKey Of(string address) => AddressKey.Of(IPAddress.Parse(address));
}

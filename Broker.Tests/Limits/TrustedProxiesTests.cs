using System.Net;
using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Tests.Limits;

internal sealed class TrustedProxiesTests
{
    private readonly TrustedProxies _proxies = new([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8::/32")]);

    [TestCase("203.0.113.7", "198.51.100.1", "203.0.113.7", TestName = "A_header_of_a_stranger_is_ignored")]
    [TestCase("10.0.0.1", null, "10.0.0.1", TestName = "A_proxy_without_a_header_counts_as_the_client")]
    [TestCase("10.0.0.1", "203.0.113.7", "203.0.113.7", TestName = "The_address_that_a_trusted_proxy_names_is_the_client")]
    [TestCase("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7", TestName = "An_address_that_the_client_itself_put_before_is_ignored")]
    [TestCase("10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7", TestName = "Several_trusted_proxies_are_passed")]
    [TestCase("10.0.0.1", "203.0.113.7:4711", "203.0.113.7", TestName = "A_port_is_left_out")]
    [TestCase("10.0.0.1", "[2001:db9::7]:4711", "2001:db9::7", TestName = "A_port_after_an_IPv6_address_is_left_out")]
    [TestCase("::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7", TestName = "A_trusted_proxy_over_a_dual_stack_socket_is_trusted")]
    [TestCase("2001:db8::1", "203.0.113.7", "203.0.113.7", TestName = "A_trusted_IPv6_proxy_is_trusted")]
    [TestCase("10.0.0.1", "unknown", "10.0.0.1", TestName = "A_header_that_names_no_address_leaves_the_proxy_as_the_client")]
    [TestCase("10.0.0.1", "203.0.113.7, unknown", "10.0.0.1", TestName = "Reading_stops_at_what_is_not_an_address")]
    public void The_client_is_the_last_address_that_no_trusted_proxy_owns(string peer, string? header, string client)
    {
        Assert.That(_proxies.ClientOf(IPAddress.Parse(peer), header), Is.EqualTo(AddressKey.Of(IPAddress.Parse(client))));
    }

    [TestCase(true, "203.0.113.7")]
    [TestCase(false, "127.0.0.1")]
    public void A_proxy_behind_a_Unix_socket_is_believed_if_the_settings_say_so(bool isTrusted, string client)
    {
        var proxies = new TrustedProxies([], trustsUnixSocket: isTrusted);

        Assert.That(proxies.ClientOf(null, "203.0.113.7"), Is.EqualTo(AddressKey.Of(IPAddress.Parse(client))));
    }
}

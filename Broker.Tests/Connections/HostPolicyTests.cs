using ClawEvents.Broker.Connections;

namespace ClawEvents.Broker.Tests.Connections;

internal sealed class HostPolicyTests
{
    [TestCase("localhost")]
    [TestCase("LOCALHOST:8080")]
    [TestCase("broker.localhost:8080")]
    [TestCase("127.0.0.1:8080")]
    [TestCase("[::1]:8080")]
    [TestCase("10.0.0.7")]
    [TestCase("")]
    [TestCase(null)]
    public void In_development_mode_the_broker_is_reached_as_localhost_and_by_addresses(string? host) =>
        Assert.That(new HostPolicy([], isOpen: false).Allows(host), Is.True);

    [TestCase("evil.example")]
    [TestCase("evil.example:8080")]
    [TestCase("localhost.evil.example")]
    [TestCase("evillocalhost")]
    [TestCase("127.0.0.1.evil.example:8080")]
    [TestCase("localhost:8080x")]
    [TestCase("[::1")]
    [TestCase("[evil.example]")]
    [TestCase("local host")]
    [TestCase("localhost,evil.example")]
    public void In_development_mode_any_other_name_is_refused(string host) =>
        Assert.That(new HostPolicy([], isOpen: false).Allows(host), Is.False);

    [TestCase("broker.example:443", true)]
    [TestCase("A.nodes.example", true)]
    [TestCase("localhost", true)]
    [TestCase("broker.example.org", false)]
    [TestCase("nodes.example", false)]
    public void Configured_names_are_allowed_in_either_mode_and_no_others(string host, bool isAllowed)
    {
        string[] names = ["Broker.example", "*.nodes.example"];

        Assert.That(new HostPolicy(names, isOpen: false).Allows(host), Is.EqualTo(isAllowed));
        Assert.That(new HostPolicy(names, isOpen: true).Allows(host), Is.EqualTo(isAllowed));
    }

    [Test]
    public void Outside_development_mode_every_name_is_allowed_unless_some_are_configured() =>
        Assert.That(new HostPolicy([], isOpen: true).Allows("any.example"), Is.True);
}

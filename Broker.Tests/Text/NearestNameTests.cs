using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Tests.Text;

internal sealed class NearestNameTests
{
    private static readonly string[] Known = ["PORT", "presence", "MaxLocks", "AllowedOrigins"];

    [TestCase("PROT", "PORT")]
    [TestCase("port", "PORT")]
    [TestCase("PRT", "PORT")]
    [TestCase("presense", "presence")]
    [TestCase("AlowedOrigin", "AllowedOrigins")]
    [TestCase("MaxLock", "MaxLocks")]
    public void A_name_with_a_slip_is_recognised(string name, string meant) => Assert.That(NearestName.Find(name, Known), Is.EqualTo(meant));

    [TestCase("")]
    [TestCase("TROP")]
    [TestCase("absence")]
    [TestCase("MinBlocks")]
    [TestCase("Logging")]
    public void A_name_that_is_far_from_all_has_no_neighbour(string name) => Assert.That(NearestName.Find(name, Known), Is.Null);
}

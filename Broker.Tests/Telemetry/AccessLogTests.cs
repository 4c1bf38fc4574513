using System.Net;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Telemetry;

internal sealed class AccessLogTests
{
    [TestCase("/api/publish", "/api/publish")]
    [TestCase("/connection/sse?cf_connect=%7B%22token%22%3A%22secret%22%7D", "/connection/sse")]
    [TestCase("/a?", "/a")]
    [TestCase("?x", "")]
    [TestCase("/a%0Ab", "/a%0Ab")]
    [TestCase("/a\nInformation: b\u001b[2J\u00e9", "/a?Information:?b?[2J?")]
    public void A_line_has_the_path_without_the_query(string target, string shown) =>
        Assert.That(Write(target, isOn: true), Is.EqualTo(new[] { $"Information: 192.0.2.1 alice id GET {shown} 200 34 bytes 12 ms" }));

    [Test]
    public void A_long_path_is_cut() =>
        Assert.That(Write("/" + new string('x', 10_000), isOn: true).Single(), Has.Length.LessThan(300));

    [Test]
    public void Without_the_setting_a_line_is_for_debugging() =>
        Assert.That(Write("/", isOn: false).Single(), Does.StartWith("Debug: "));

    private static List<string> Write(string target, bool isOn)
    {
        var logger = new ListLogger<AccessLog>();
        new AccessLog(isOn, logger)
            .Write(new(IPAddress.Parse("192.0.2.1"), "GET", target, 200, TimeSpan.FromMilliseconds(12.7)) { User = "alice", Id = "id", Bytes = 34 });
        return logger.Lines;
    }
}

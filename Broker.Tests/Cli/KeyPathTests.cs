using System.Text;
using ClawEvents.Cli.Streams.Children;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The value by which messages are kept in order.</summary>
internal sealed class KeyPathTests
{
    private const string Event = """{"channel":"c","sender":"alice","payload":{"order":{"id":7,"lines":[1]},"a":null},"timestamp":17}""";

    [TestCase("channel", ExpectedResult = "\"c\"")]
    [TestCase("sender", ExpectedResult = "\"alice\"")]
    [TestCase("payload.order.id", ExpectedResult = "7")]
    [TestCase("payload.order", ExpectedResult = """{"id":7,"lines":[1]}""")]
    [TestCase("payload.a", ExpectedResult = "null")]
    [TestCase("payload.order.id.more", ExpectedResult = "")]
    [TestCase("payload.none", ExpectedResult = "")]
    public string A_key_is_the_member_s_json(string path) => KeyPath.TryParse(path)!.Of(Encoding.UTF8.GetBytes(Event));

    [TestCase("")]
    [TestCase("time")]
    [TestCase("channel.name")]
    [TestCase("payload.")]
    [TestCase("payload..a")]
    public void What_no_event_has_is_refused(string path) => Assert.That(KeyPath.TryParse(path), Is.Null);
}

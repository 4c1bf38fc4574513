using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

internal sealed class MessageSplitterTests
{
    [TestCase("", new string[0])]
    [TestCase("a", new[] { "a" })]
    [TestCase("a\nb", new[] { "a", "b" })]
    [TestCase("a\nb\nc", new[] { "a", "b", "c" })]
    [TestCase("a\n", new[] { "a" })]
    [TestCase("a\nb\n", new[] { "a", "b" })]
    [TestCase("a\r\nb", new[] { "a", "b" })]
    [TestCase("a\r\nb\r\n", new[] { "a", "b" })]
    [TestCase("a\r", new[] { "a" })]
    [TestCase("a\rb", new[] { "a\rb" })]
    [TestCase("a\r\r\nb", new[] { "a\r", "b" })]
    [TestCase("\n", new[] { "" })]
    [TestCase("\r\n", new[] { "" })]
    [TestCase("\na", new[] { "", "a" })]
    [TestCase("a\n\nb", new[] { "a", "", "b" })]
    [TestCase("a\n\r\nb", new[] { "a", "", "b" })]
    [TestCase("a\n\n", new[] { "a", "" })]
    public void A_message_is_split_at_its_line_feeds(string message, string[] expected)
    {
        ReadOnlyMemory<byte> rest = message.Utf8();
        var commands = new List<string>();

        while (!rest.IsEmpty)
        {
            commands.Add(MessageSplitter.Next(ref rest).Text());
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(commands, Is.EqualTo(expected));
            Assert.That(rest.IsEmpty, Is.True);
        }
    }

    [Test]
    public void Commands_are_slices_of_the_message()
    {
        var message = "ab\ncd".Utf8();
        ReadOnlyMemory<byte> rest = message;
        MessageSplitter.Next(ref rest);
        var second = MessageSplitter.Next(ref rest);

        message[4] = (byte)'X';

        Assert.That(second.Text(), Is.EqualTo("cX"));
    }
}

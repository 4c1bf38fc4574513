using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Tests.Text;

internal sealed class LogTextTests
{
    [TestCase("alice", "alice")]
    [TestCase("Jürgen 🦞", "Jürgen 🦞")]
    [TestCase("a\nerror: b\r\u001b[2J\u0085\u2028\u2029c", "a?error: b??[2J???c")]
    public void Control_characters_are_question_marks(string text, string shown) =>
        Assert.That(LogText.Of(text), Is.EqualTo(shown));

    [Test]
    public void A_long_text_is_cut() =>
        Assert.That(LogText.Of(new string('x', 10_000)), Has.Length.EqualTo(LogText.MaxLength));
}

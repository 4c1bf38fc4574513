using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.Tests.Redis;

internal sealed class RedisAnswersTests
{
    private static readonly RedisResult Text = RedisResult.Create((RedisValue)"12");
    private static readonly RedisResult Null = RedisResult.Create(RedisValue.Null);
    private static readonly RedisResult Items = RedisResult.Create([(RedisValue)"a", (RedisValue)2]);

    [Test]
    public void An_answer_of_the_expected_kind_is_read()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Text.Text(), Is.EqualTo("12"));
            Assert.That(Text.Bytes(), Is.EqualTo("12"u8.ToArray()));
            Assert.That(Text.Number(), Is.EqualTo(12));
            Assert.That(Items.Items().Select(item => item.Text()), Is.EqualTo(new[] { "a", "2" }));
        }
    }

    [Test]
    public void An_answer_of_another_kind_is_refused()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Text.Items(), Throws.InstanceOf<InvalidDataException>());
            Assert.That(() => Null.Items(), Throws.InstanceOf<InvalidDataException>());
            Assert.That(() => Items.Text(), Throws.InstanceOf<InvalidDataException>());
            Assert.That(() => Items.Bytes(), Throws.InstanceOf<InvalidDataException>());
            Assert.That(() => Items.Number(), Throws.InstanceOf<InvalidDataException>());
            Assert.That(() => Null.Text(), Throws.InstanceOf<InvalidDataException>());
            Assert.That(() => Null.Bytes(), Throws.InstanceOf<InvalidDataException>());
            Assert.That(() => Items.Items()[0].Number(), Throws.InstanceOf<InvalidDataException>());
        }
    }
}

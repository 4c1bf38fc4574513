using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Channels;

internal sealed class ChannelNamesTests
{
    private readonly ChannelNames _names = new(ChannelNames.MaxBytes);

    [Test]
    public void Equal_bytes_give_the_same_instance()
    {
        _names.TryGet("agent.o.t"u8, out var first);

        _names.TryGet("agent.o.t"u8, out var second);
        _names.TryGet("agent.o.t", out var third);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first!.Value, Is.EqualTo("agent.o.t"));
            Assert.That(second, Is.SameAs(first));
            Assert.That(third, Is.SameAs(first));
        }
    }

    [TestCase(255, true)]
    [TestCase(256, false)]
    [TestCase(1000, false)]
    public void A_name_has_at_most_255_bytes(int length, bool expected)
    {
        var name = "public.".PadRight(length, 'x');

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_names.TryGet(name.Utf8(), out _), Is.EqualTo(expected));
            Assert.That(_names.TryGet(name, out _), Is.EqualTo(expected));
        }
    }

    [TestCase(16, true)]
    [TestCase(17, false)]
    public void A_setting_can_lower_the_limit(int length, bool expected)
    {
        var names = new ChannelNames(maxBytes: 16);
        var name = "public.".PadRight(length, 'x');

        using (Assert.EnterMultipleScope())
        {
            Assert.That(names.TryGet(name.Utf8(), out _), Is.EqualTo(expected));
            Assert.That(names.TryGet(name, out _), Is.EqualTo(expected));
            Assert.That(names.Rule, Does.Contain("16"));
        }
    }

    [TestCase("")]
    [TestCase("public.é")]
    [TestCase("public.\u0000")]
    [TestCase("public.\t")]
    [TestCase("public.\u007f")]
    [TestCase("public.\ud800")]
    public void A_name_has_only_printable_ASCII(string name)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_names.TryGet(name, out var ofText), Is.False);
            Assert.That(ofText, Is.Null);
            Assert.That(_names.TryGet(name.Utf8(), out var ofBytes), Is.False);
            Assert.That(ofBytes, Is.Null);
        }
    }

    [TestCase(new byte[] { (byte)'a', 0xFF })]
    [TestCase(new byte[] { (byte)'a', 0x80 })]
    [TestCase(new byte[] { 0xC0, 0xAE })]
    public void Bytes_that_are_no_UTF8_are_no_name(byte[] name)
    {
        Assert.That(_names.TryGet(name, out _), Is.False);
    }

    [Test]
    public void Names_that_share_a_slot_are_not_mixed_up()
    {
        // Five times as many as the table has slots: every slot is fought over, and a second pass meets strangers in all of them.
        var wanted = Enumerable.Range(0, 20_000).Select(i => $"public.{i}").ToArray();

        var got = wanted.Concat(wanted).Select(name => _names.TryGet(name.Utf8(), out var channel) ? channel.Value : "");

        Assert.That(got, Is.EqualTo(wanted.Concat(wanted)));
    }

    [Test]
    public void A_refused_name_does_not_drive_out_a_known_one()
    {
        _names.TryGet("public.a"u8, out var before);
        for (var i = 0; i < 20_000; i++)
        {
            _names.TryGet($"public.é{i}".Utf8(), out _);
        }

        _names.TryGet("public.a"u8, out var after);

        Assert.That(after, Is.SameAs(before));
    }

    [Test]
    public void Threads_that_ask_at_the_same_time_each_get_their_own_name()
    {
        var wrong = 0;

        Parallel.For(0, 8, thread =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                var name = $"public.{(i * (thread + 1)) % 6_000}";
                if (!_names.TryGet(name, out var channel) || channel.Value != name)
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        });

        Assert.That(wrong, Is.Zero);
    }
}

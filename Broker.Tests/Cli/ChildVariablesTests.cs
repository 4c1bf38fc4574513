using System.Text;
using ClawEvents.Cli.Streams.Children;
using ClawEvents.Cli.Streams.Durable;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ChildVariablesTests
{
    [Test]
    public void An_event_is_split_into_its_parts()
    {
        var variables = Of("""{"channel":"public.a","sender":"alice","payload":{"n": 1.50},"timestamp":17}""");

        Assert.That(variables, Is.EqualTo(new ChildVariables("public.a", "alice", "17", """{"n": 1.50}""", 1)));
    }

    [Test]
    public void A_batch_names_each_channel_and_sender_once()
    {
        var variables = Of(
            """{"batch":true,"count":3,"messages":[{"channel":"a","sender":"x","payload":1,"timestamp":1},{"channel":"b","sender":"y","payload":"t","timestamp":2},{"channel":"a","sender":"x","payload":{},"timestamp":3}],"timestamp":9}""",
            count: 3);

        Assert.That(variables, Is.EqualTo(new ChildVariables("a b", "x y", "9", """[1,"t",{}]""", 3)));
    }

    [TestCase("""a\u0000b""", "a\uFFFDb")]
    [TestCase("""\ud800""", """\ud800""")]
    [TestCase("""\u00e4""", "ä")]
    public void A_name_becomes_something_a_variable_can_hold(string spelled, string value)
    {
        var variables = Of($$"""{"channel":"c","sender":"{{spelled}}","payload":1,"timestamp":17}""");

        Assert.That(variables.Sender, Is.EqualTo(value));
    }

    [Test]
    public void All_variables_have_the_prefix()
    {
        var variables = Of("""{"channel":"c","sender":"s","payload":1,"timestamp":17}""");

        Assert.That(variables.All, Is.EquivalentTo(new[]
        {
            ("CLAW_CHANNEL", "c"), ("CLAW_SENDER", "s"), ("CLAW_TIMESTAMP", "17"), ("CLAW_COUNT", "1"), ("CLAW_PAYLOAD", "1"),
        }));
        Assert.That(variables.WithoutPayload.Select(variable => variable.Name), Has.None.EqualTo("CLAW_PAYLOAD"));
    }

    private static ChildVariables Of(string json, int? count = null) =>
        ChildVariables.Of(new HandOver(Encoding.UTF8.GetBytes(json), new MessagePlace[count ?? 1], IsBatch: count is not null));
}

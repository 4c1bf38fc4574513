using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Nodes;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Nodes;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class NodeSurveyTests : IAsyncDisposable
{
    private readonly BrokerRig _rig = new();
    private readonly RecordingBus _bus = new();
    private readonly NodeWork _work = new(NullLogger<NodeWork>.Instance);
    private readonly NodeRegistry _registry;
    private readonly NodeSurvey _survey;
    private readonly Guid _second = Guid.NewGuid();
    private readonly Guid _third = Guid.NewGuid();

    public NodeSurveyTests()
    {
        var here = new LocalNodeSurvey(new NodeIdentity(), _rig.Connections, _rig.Hub, _rig.Time);
        _registry = new NodeRegistry(here, _bus, _work, _rig.Time, NullLogger<NodeRegistry>.Instance);
        _survey = new NodeSurvey(here, _registry, _bus, _rig.Time);
    }

    private Guid QuestionId => ((ChannelsQuestion)_bus.ToAll.Single()).Id;

    public async ValueTask DisposeAsync()
    {
        await _work.DisposeAsync();
        _registry.Dispose();
        _rig.Dispose();
    }

    [Test]
    public async Task Channels_of_all_nodes_are_summed_up()
    {
        ReceiveBeats(_second, _third);
        Subscribe("public.a");

        var asking = _survey.GetChannelsAsync("public.*").AsTask();
        Answer(_second, 0, isLast: true, Of("public.a", 2), Of("public.b", 1));
        Answer(_third, 0, isLast: false, Of("public.b", 5));
        var isEarly = asking.IsCompleted;
        Answer(_third, 1, isLast: true, Of("public.c", 1));

        Assert.That(isEarly, Is.False);
        Assert.That(
            (await asking.WaitAsync(RunningBroker.Patience)).OrderBy(channel => channel.Key, StringComparer.Ordinal),
            Is.EqualTo(new KeyValuePair<string, int>[] { new("public.a", 3), new("public.b", 6), new("public.c", 1) }));
        Assert.That(((ChannelsQuestion)_bus.ToAll.Single()).Pattern, Is.EqualTo("public.*"));
    }

    [Test]
    public async Task Nodes_that_do_not_answer_completely_are_left_out_after_a_time()
    {
        ReceiveBeats(_second, _third);
        Subscribe("public.a");

        var asking = _survey.GetChannelsAsync("").AsTask();
        Answer(_second, 0, isLast: false, Of("public.b", 1));
        Answer(_second, 2, isLast: true, Of("public.c", 1));
        Answer(Guid.NewGuid(), 0, isLast: true, Of("public.d", 1));
        _survey.OnAnswer(_third, new(Guid.NewGuid(), 0, IsLast: true, [new("public.e", 1)]));
        _rig.Time.Advance(NodeSurvey.AnswerLimit - TimeSpan.FromMilliseconds(1));
        var isEarly = asking.IsCompleted;
        _rig.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.That(isEarly, Is.False);
        Assert.That((await asking.WaitAsync(RunningBroker.Patience)).Keys, Is.EqualTo(new[] { "public.a" }));
    }

    [Test]
    public async Task An_answer_counts_once()
    {
        ReceiveBeats(_second, _third);

        var asking = _survey.GetChannelsAsync("").AsTask();
        Answer(_second, 0, isLast: true, Of("public.b", 1));
        Answer(_second, 0, isLast: true, Of("public.b", 1));
        Answer(_third, 0, isLast: true);

        Assert.That((await asking.WaitAsync(RunningBroker.Patience))["public.b"], Is.EqualTo(1));
    }

    [Test]
    public async Task Without_other_nodes_no_question_is_sent()
    {
        Subscribe("public.a");

        Assert.That((await _survey.GetChannelsAsync("")).Keys, Is.EqualTo(new[] { "public.a" }));
        Assert.That(_bus.Sent, Is.Empty);
    }

    [Test]
    public void The_caller_learns_when_the_other_nodes_could_not_be_asked()
    {
        ReceiveBeats(_second);
        _bus.IsAway = true;

        Assert.That(() => _survey.GetChannelsAsync("").AsTask(), Throws.TypeOf<StoreUnavailableException>());
    }

    [Test]
    public async Task A_long_answer_goes_out_in_parts()
    {
        for (var i = 0; i <= NodeSurvey.ChannelsOfPart; i++)
        {
            Subscribe($"public.{i}");
        }

        Subscribe("system.timer.second");
        await _survey.AnswerAsync(_second, new(Guid.Empty, "public.*"));

        var parts = _bus.Sent.Select(sent => (ChannelsAnswer)sent.Message).ToArray();
        Assert.That(_bus.Sent.Select(sent => sent.To).Distinct(), Is.EqualTo(new Guid?[] { _second }));
        Assert.That(parts.Select(part => (part.Part, part.IsLast, part.Channels.Count)), Is.EqualTo(new[] { (0, false, NodeSurvey.ChannelsOfPart), (1, true, 1) }));
        Assert.That(parts.SelectMany(part => part.Channels).Distinct().Count(), Is.EqualTo(NodeSurvey.ChannelsOfPart + 1));
    }

    [Test]
    public async Task An_empty_answer_is_sent_and_a_missing_node_gets_no_further_parts()
    {
        await _survey.AnswerAsync(_second, new(Guid.Empty, ""));
        var nothing = (ChannelsAnswer)_bus.Sent.Single().Message;
        _bus.Missing = _third;
        for (var i = 0; i <= NodeSurvey.ChannelsOfPart; i++)
        {
            Subscribe($"public.{i}");
        }

        await _survey.AnswerAsync(_third, new(Guid.Empty, ""));

        Assert.That((nothing.Part, nothing.IsLast, nothing.Channels.Count), Is.EqualTo((0, true, 0)));
        Assert.That(_bus.Sent.Count(sent => sent.To == _third), Is.EqualTo(1));
    }

    [Test]
    public async Task All_nodes_are_listed_with_this_one_first()
    {
        ReceiveBeats(_second, _third);

        var nodes = await _survey.GetNodesAsync();

        Assert.That(nodes.Skip(1).Select(node => node.Id), Is.EqualTo(new[] { _second.ToString(), _third.ToString() }.Order(StringComparer.Ordinal)));
        Assert.That(nodes[0].Name, Is.EqualTo(Environment.MachineName));
    }

    private void ReceiveBeats(params Guid[] nodes)
    {
        foreach (var node in nodes)
        {
            _registry.OnBeat(node, new(new(node.ToString(), "host", "1", 1, 1, 1, 1, TimeSpan.Zero, 0, 0), IsFirst: false));
        }
    }

    private void Subscribe(string channel) =>
        _rig.Hub.Add(new Subscription(new CountingSubscriber(), TestChannel.Named(channel)));

    private static KeyValuePair<string, int> Of(string channel, int clients) => new(channel, clients);

    private void Answer(Guid node, int part, bool isLast, params KeyValuePair<string, int>[] channels) =>
        _survey.OnAnswer(node, new(QuestionId, part, isLast, channels));
}

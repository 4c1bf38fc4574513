using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Tests.Webhooks;

internal sealed class WebhookReceiverTests : IDisposable
{
    private static readonly ChannelName Channel = TestChannel.Named("chat:news");

    private readonly WebhookBudget _budget = new();
    private readonly WebhookReceiver _receiver;
    private readonly Subscription _subscription;
    private uint _number;

    public WebhookReceiverTests()
    {
        _receiver = new(Principal.Of("alice"), _budget);
        _subscription = new(_receiver, Channel);
        _receiver.Keep(true);
    }

    public void Dispose() => _budget.Dispose();

    [Test]
    public void Publications_are_taken_in_their_order()
    {
        Push("1", "2");

        Assert.That((Take(), Take(), Take()), Is.EqualTo(("1", "2", "nothing")));
    }

    [Test]
    public void Nothing_is_kept_when_the_history_has_it()
    {
        _receiver.Keep(false);
        Push("1");

        Assert.That(Take(), Is.EqualTo("nothing"));
    }

    [Test]
    public async Task Whatever_happens_wakes_the_worker()
    {
        _receiver.Keep(false);
        Action[] events =
        [
            () => Push("1"),
            () => _receiver.Interrupt(_subscription, null),
            () => _receiver.EndSubscription(_subscription, UnsubscribeCode.PermissionDenied),
            () => _receiver.Disconnect(DisconnectCode.Slow),
            _receiver.Signal,
        ];
        foreach (var happen in events)
        {
            happen();
            happen();
            await _receiver.WaitAsync(default).WaitAsync(TimeSpan.FromSeconds(5));
            Assert.That(_receiver.WaitAsync(default).IsCompleted, Is.False, "Signals do not add up.");
            _receiver.Signal();
        }
    }

    [Test]
    public void The_oldest_make_room_and_are_counted()
    {
        Push([.. Enumerable.Range(0, WebhookReceiver.MaxHeard + 2).Select(n => $"{n}")]);

        Assert.That((_receiver.Count, Take(), Take()), Is.EqualTo((WebhookReceiver.MaxHeard, "2 missed", "2")));
    }

    [Test]
    public void All_receivers_of_a_node_share_its_memory()
    {
        var others = new WebhookReceiver(Principal.Of("bob"), _budget);
        others.Keep(true);
        var large = new string('1', WebhookBudget.MaxHeardBytes - 1_000);
        others.TryEnqueue(_subscription, Make(large));

        Push("1", "22", new string('3', 500));
        var taken = (Take(), Take(), Take());
        others.Clear();
        Push("4");

        Assert.That(taken, Is.EqualTo(("2 missed", new string('3', 500), "nothing")));
        Assert.That(Take(), Is.EqualTo("4"));
    }

    [Test]
    public void What_was_published_before_it_joined_is_not_for_it()
    {
        Push("1");
        _subscription.JoinedAfter = _number + 1;
        Push("2", "3");

        Assert.That((Take(), Take(), Take()), Is.EqualTo(("1", "3", "nothing")));
    }

    private void Push(params string[] data)
    {
        foreach (var text in data)
        {
            Assert.That(_receiver.TryEnqueue(_subscription, Make(text)), Is.True);
        }
    }

    private ChannelPush Make(string data) => new(Channel, new DeliveredPublication { Position = new(0, ""), Publication = new(data.Utf8()) }) { Number = ++_number };

    private string Take() => !_receiver.TryTake(out var publication, out var missed) ? "nothing"
        : missed > 0 ? $"{missed} missed"
        : System.Text.Encoding.UTF8.GetString(publication.Data.Span);
}

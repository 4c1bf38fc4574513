using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Limits;

internal sealed class CommandPaceTests
{
    private static readonly BucketRule Rule = new(200, 200);

    private readonly ManualTimeProvider _time = new();
    private CommandPace _pace;

    [Test]
    public void A_turn_ends_after_64_commands()
    {
        _pace.BeginTurn(_time);

        var commands = 1;
        while (!_pace.CountCommand(Rule, _time))
        {
            commands++;
        }

        Assert.That(commands, Is.EqualTo(CommandPace.MaxCommands));
    }

    [Test]
    public void A_turn_of_slow_commands_ends_after_its_time()
    {
        _pace.BeginTurn(_time);

        var commands = 0;
        var isOver = false;
        while (!isOver)
        {
            _time.Advance(TimeSpan.FromMicroseconds(100));
            isOver = _pace.CountCommand(Rule, _time);
            commands++;
        }

        Assert.That(commands, Is.EqualTo(4));
    }

    [Test]
    public void A_connection_is_greedy_beyond_its_share_until_tokens_have_come_back()
    {
        for (var i = 0; i < 200; i++)
        {
            Count();
        }

        var within = _pace.IsGreedy;
        Count();
        var beyond = _pace.IsGreedy;
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Count();

        Assert.That((within, beyond, _pace.IsGreedy), Is.EqualTo((false, true, false)));
    }

    [Test]
    public void Counting_allocates_nothing()
    {
        Assert.That(Allocations.PerCall(Count), Is.Zero);
    }

    private void Count()
    {
        _pace.BeginTurn(_time);
        _pace.CountCommand(Rule, _time);
    }
}

using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.State;

internal sealed class PendingChallengesTests
{
    [Test]
    public void Too_many_challenges_replace_the_oldest_ones_and_use_no_more_memory()
    {
        var challenges = new PendingChallenges(new ManualTimeProvider());

        for (var i = 0; i <= PendingChallenges.MaxPending; i++)
        {
            challenges.Set(new ChallengeKey("alice", "main", $"{i}"), i);
        }

        Assert.That(challenges.Take(new ChallengeKey("alice", "main", "0")), Is.Null);
        Assert.That(challenges.Take(new ChallengeKey("alice", "main", "1")), Is.EqualTo(1));
        Assert.That(challenges.Take(new ChallengeKey("alice", "main", $"{PendingChallenges.MaxPending}")), Is.EqualTo(PendingChallenges.MaxPending));
    }
}

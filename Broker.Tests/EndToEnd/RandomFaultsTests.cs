using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Random operations and faults against two nodes and a model of acknowledged changes.</summary>
public sealed class RandomFaultsTests
{
    [TestCase(1, 3)]
    [TestCase(2, 3)]
    [TestCase(3, 3)]
    [TestCase(4, 120, Category = "Slow")]
    [TestCase(5, 120, Category = "Slow")]
    [TestCase(6, 120, Category = "Slow")]
    public async Task Nodes_behave_like_the_model_under_random_faults(int seed, int seconds)
    {
        await using var fleet = await RandomFleet.StartAsync(seed);

        await fleet.PlayAsync(TimeSpan.FromSeconds(seconds));

        await TestContext.Out.WriteLineAsync(fleet.Describe());
        Assert.That(fleet.Errors, Is.Empty, $"seed {seed}");
    }
}

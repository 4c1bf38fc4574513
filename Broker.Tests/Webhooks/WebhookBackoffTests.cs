using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Tests.Webhooks;

internal sealed class WebhookBackoffTests
{
    [TestCase(1, 0, ExpectedResult = 1)]
    [TestCase(1, 1, ExpectedResult = 2)]
    [TestCase(2, 1, ExpectedResult = 4)]
    [TestCase(5, 0.5, ExpectedResult = 24)]
    [TestCase(11, 1, ExpectedResult = 2048)]
    [TestCase(12, 1, ExpectedResult = 3600)]
    [TestCase(12, 0, ExpectedResult = 1800)]
    [TestCase(int.MaxValue, 1, ExpectedResult = 3600)]
    public double The_wait_doubles_with_each_failure_up_to_an_hour(int failures, double spread) => WebhookBackoff.After(failures, null, spread).TotalSeconds;

    [TestCase(10, ExpectedResult = 10)]
    [TestCase(1, ExpectedResult = 2)]
    [TestCase(0, ExpectedResult = 2)]
    [TestCase(-5, ExpectedResult = 2)]
    [TestCase(3600, ExpectedResult = 3600)]
    [TestCase(86_400, ExpectedResult = 3600)]
    public double A_receiver_may_ask_for_a_longer_wait_of_at_most_an_hour(int asked) => WebhookBackoff.After(1, TimeSpan.FromSeconds(asked), 1).TotalSeconds;
}

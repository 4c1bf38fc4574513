using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Faults;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class UnattendedTests
{
    private readonly ListLogger<UnattendedTests> _log = new();

    [Test]
    public async Task Work_that_succeeds_logs_nothing() => Assert.That((await RunAsync(null), _log.Lines.Count), Is.EqualTo((true, 0)));

    [Test]
    public async Task An_unavailable_store_is_not_logged_again_and_the_work_may_be_retried() =>
        Assert.That((await RunAsync(new StoreUnavailableException()), _log.Lines.Count), Is.EqualTo((false, 0)));

    [Test]
    public async Task Any_other_failure_is_logged_with_its_purpose_and_is_final()
    {
        var isDone = await RunAsync(new InvalidOperationException("a bug"));

        Assert.That(isDone, Is.True);
        Assert.That(_log.Lines, Is.EqualTo(new[] { "Error: Failed to renew presence." }));
    }

    [Test]
    public void Cancelled_work_ends_cancelled_and_logs_nothing()
    {
        Assert.That(() => RunAsync(new OperationCanceledException()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_log.Lines, Is.Empty);
    }

    private Task<bool> RunAsync(Exception? failure) =>
        Unattended.RunAsync(() => failure is null ? default : throw failure, _log, "renew presence");
}

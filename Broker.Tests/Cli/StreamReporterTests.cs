using System.Text;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StreamReporterTests : IDisposable
{
    private readonly MemoryStream _stderr = new();

    public void Dispose() => _stderr.Dispose();

    [TestCase(false, false, true)]
    [TestCase(false, true, false, TestName = "Who_wants_quiet_is_not_told_what_is_waited_for")]
    [TestCase(true, false, false, TestName = "Who_is_told_every_step_need_not_be_told_what_is_waited_for")]
    public void A_wait_is_told_unless_nobody_wants_it(bool verbose, bool quiet, bool isTold)
    {
        using var wait = Reporter(verbose, quiet).BeginWait("Connecting ...");

        Assert.That(wait, isTold ? Is.Not.Null : Is.Null);
    }

    [TestCase(false, false, "notice\nerror\n")]
    [TestCase(true, false, "detail\nnotice\nerror\n")]
    [TestCase(false, true, "error\n")]
    public void Errors_are_told_always(bool verbose, bool quiet, string text)
    {
        var reporter = Reporter(verbose, quiet);

        reporter.Detail("detail");
        reporter.Notice("notice");
        reporter.Error("error");

        Assert.That(Encoding.UTF8.GetString(_stderr.ToArray()), Is.EqualTo(text));
    }

    private StreamReporter Reporter(bool verbose, bool quiet) => new(
        new HumanOutput(new OutputStreams(Stream.Null, _stderr), new TextStyle(colours: false, width: 80, waits: true)), verbose, quiet);
}

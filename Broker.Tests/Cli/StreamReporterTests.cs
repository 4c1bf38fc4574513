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
    [TestCase(false, true, false, TestName = "Quiet_does_not_show_a_wait")]
    [TestCase(true, false, false, TestName = "Verbose_does_not_show_a_wait")]
    public void A_wait_is_shown_unless_quiet_or_verbose(bool verbose, bool quiet, bool isShown)
    {
        using var wait = Reporter(verbose, quiet).BeginWait("Connecting ...");

        Assert.That(wait, isShown ? Is.Not.Null : Is.Null);
    }

    [TestCase(false, false, "notice\nerror\n")]
    [TestCase(true, false, "detail\nnotice\nerror\n")]
    [TestCase(false, true, "error\n")]
    public void Errors_are_always_reported(bool verbose, bool quiet, string text)
    {
        var reporter = Reporter(verbose, quiet);

        reporter.WriteDetail("detail");
        reporter.WriteNotice("notice");
        reporter.WriteError("error");

        Assert.That(Encoding.UTF8.GetString(_stderr.ToArray()), Is.EqualTo(text));
    }

    private StreamReporter Reporter(bool verbose, bool quiet) => new(
        new HumanOutput(new OutputStreams(Stream.Null, _stderr), new TextStyle(colours: false, width: 80, waits: true)), verbose, quiet);
}

using System.Diagnostics;
using System.Globalization;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The built <c>sub</c> during a restart of the broker process.</summary>
[NonParallelizable] // It measures seconds, which other tests would use up.
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubRestartTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [TestCase("TERM")]
    [TestCase("KILL")]
    [CancelAfter(60_000)]
    public async Task A_subscriber_is_back_three_seconds_after_the_broker(string signal, CancellationToken cancellation)
    {
        await using var first = Start(port: 0);
        var url = await first.ReadUrlAsync();
        await RunAsync(url, cancellation, "dev-register", "--user", "alice");
        using var subscriber = CliProcess.Start(_home, ["-s", url.OriginalString, "sub", "--verbose", "public.news"]);
        await subscriber.WaitForErrorAsync("Subscribed to public.news\n", cancellation);

        await first.SignalAsync(signal);
        await first.WaitForExitAsync();
        await subscriber.WaitForErrorAsync("Cannot connect to ", cancellation);
        await using var second = Start(url.Port);
        await second.ReadUrlAsync();
        var listening = Stopwatch.GetTimestamp();
        await subscriber.WaitForErrorAsync("lost for public.news\nSubscribing to public.news...\nSubscribed to public.news\n", cancellation);
        var took = Stopwatch.GetElapsedTime(listening);
        await RunAsync(url, cancellation, "pub", "public.news", "after");

        Assert.That(await subscriber.ReadLineAsync(cancellation), Does.StartWith("""{"channel":"public.news","sender":"alice","payload":"after","""));
        Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(3)));
    }

    private RunningProcess Start(int port) => BrokerProgram.Start(
        _home.Folder, [], ("PORT", port.ToString(CultureInfo.InvariantCulture)), ("CLAW_DEV_MODE", "true"));

    private async Task RunAsync(Uri url, CancellationToken cancellation, params string[] arguments)
    {
        var result = await CliProcess.RunAsync(_home, cancellation, ["-s", url.OriginalString, .. arguments]);
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
    }
}

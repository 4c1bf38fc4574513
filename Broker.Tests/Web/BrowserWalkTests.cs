using System.Diagnostics;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using static Microsoft.Playwright.Assertions;

namespace ClawEvents.Broker.Tests.Web;

/// <summary>The first minute with a broker that somebody has just started, and a restart under an open page.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class BrowserWalkTests
{
    [Test]
    public async Task Somebody_opens_the_printed_address_sees_a_message_publishes_one_and_listens_in_a_terminal_within_a_minute()
    {
        using var folder = new TemporaryFolder();
        await using var broker = BrokerProgram.Start(folder.Path, [], ("CLAW_DEV_MODE", "true"));
        var printed = await broker.ReadLineWithAsync("open: ");
        var begun = Stopwatch.GetTimestamp();
        var address = new Uri(printed.Split(' ')[^1]);

        await using var visitor = await Visitor.ComeAsync(address, "/");
        await visitor.WaitAsync("/^\\d\\d:\\d\\d:\\d\\d$/.test(document.querySelector('.clock').textContent)");
        await visitor.PublishAsync("hello from the page");
        await visitor.SeeAsync("hello from the page");
        await Expect(visitor.Rows.First.Locator(".who")).ToHaveTextAsync("anonymous");

        var command = await visitor.Page.Locator("claw-lines .line:visible pre").First.InnerTextAsync();
        Assert.That(command, Does.StartWith($"curl -sN -G {address}connection/uni_sse"));
        await using var terminal = RunningProcess.Start("/bin/sh", ["-c", $"exec {command}"], folder.Path);
        await terminal.ReadLineWithAsync("\"connect\"");
        await visitor.PublishAsync("""{"to":"the terminal"}""");
        Assert.That(await terminal.ReadLineWithAsync("\"pub\""), Does.Contain("""{"to":"the terminal"}"""));
        Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(TimeSpan.FromMinutes(1)));

        await visitor.Page.ClickAsync("[role=tab]:text('CLI')");
        var line = await visitor.Page.Locator("claw-lines .line:visible pre").First.InnerTextAsync();
        using var home = new CliHome();
        using var client = CliProcess.Start(home, line.Split(' ')[1..]);
        using var patience = new CancellationTokenSource(RunningBroker.Patience);
        var heard = client.ReadLineAsync(patience.Token);
        await Eventually.IsTrueAsync(async () =>
        {
            await visitor.PublishAsync("for the command");
            return heard.IsCompleted;
        });
        Assert.That(await heard, Does.Contain("for the command"));
    }

    [Test]
    public async Task A_page_comes_back_after_a_restart_of_the_broker_and_marks_the_gap()
    {
        using var folder = new TemporaryFolder();
        await using var first = BrokerProgram.Start(folder.Path, []);
        var address = await first.ReadUrlAsync();
        await using var visitor = await Visitor.ComeAsync(address, "/c/public.townsquare");
        await visitor.BeLiveAsync();
        await visitor.PublishAsync("before");
        await visitor.SeeAsync("before");

        await first.TerminateAsync();
        Assert.That(await first.WaitForExitAsync(), Is.Zero);
        await visitor.WaitAsync("document.documentElement.dataset.live !== 'connected'");
        await visitor.PublishAsync("into the void");
        await Expect(visitor.Page.Locator("claw-publish form .result")).ToContainTextAsync("Not sent");
        await using var second = BrokerProgram.Start(folder.Path, [], ("PORT", $"{address.Port}"));
        await second.ReadUrlAsync();

        await visitor.BeLiveAsync();
        await visitor.SeeAsync("messages of that time are missing here");
        await visitor.PublishAsync("after");
        await visitor.SeeAsync("after");
        await visitor.SeeAsync("before");
    }
}

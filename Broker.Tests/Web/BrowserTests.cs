using System.Diagnostics;
using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClawEvents.Broker.Tests.Web;

/// <summary>The pages in a real browser: what each one is for, done by clicking.</summary>
public sealed class BrowserTests : RunningBrokerTests
{
    private const string Hostile = "<img src=x onerror=alert(1)>";
    private const string Turning = "\u202Egnp.exe\u2066";

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Namespaces = TestNamespaces.Of(("chat", TestNamespaces.History with { ForceRecovery = true, ForcePositioning = true, Presence = true })),
    };

    [Test]
    public async Task A_channel_page_shows_pauses_filters_and_opens_messages()
    {
        var alice = await Broker.RegisterAsync("alice");
        await Broker.PostAsync("/api/advertise", """{"channel":"agent.alice.news","description":"What alice reads","schema":{"type":["object","string"]}}""", alice);
        await using var visitor = await Visitor.ComeAsync(Broker.Url, "/");
        await visitor.Page.ClickAsync("claw-advertised a:has-text('agent.alice.news')");
        await visitor.BeLiveAsync();
        await Expect(visitor.Page.Locator("#description")).ToHaveTextAsync("What alice reads");
        await Expect(visitor.Page.Locator("#about")).ToContainTextAsync("\"type\"");
        await Expect(visitor.Page.Locator("claw-publish")).ToContainTextAsync("Only alice publishes here.");

        await PublishAsync("agent.alice.news", """{"_claw":{"sender":"alice","timestamp":1767225600000},"payload":{"price":12345678901234567890,"note":"first"}}""");
        await visitor.SeeAsync("first");
        await visitor.Page.ClickAsync("#pause");
        await PublishAsync("agent.alice.news", """{"note":"second"}""");
        await Expect(visitor.Page.Locator(".fresh")).ToHaveTextAsync("1 new message ↑");
        await Expect(visitor.Rows).ToHaveCountAsync(1);
        await visitor.Rows.First.ClickAsync();
        await Expect(visitor.Page.Locator("#message .payload")).ToHaveTextAsync("{\n  \"price\": 12345678901234567890,\n  \"note\": \"first\"\n}");
        await visitor.Page.ClickAsync(".fresh");
        await visitor.SeeAsync("second");

        await visitor.Page.FillAsync("#filter", "FIRST");
        await Expect(visitor.Rows).ToHaveCountAsync(1);
        await visitor.WaitAsync("location.search === '?filter=FIRST'");
        await visitor.Page.FillAsync("#filter", "");
        await visitor.SignInAsync("alice");
        await visitor.PublishAsync("from the page");
        await visitor.SeeAsync("from the page");
        await Expect(visitor.Rows.First.Locator(".who")).ToHaveTextAsync("alice");
    }

    [Test]
    public async Task A_locked_channel_takes_a_request_opens_after_a_grant_and_closes_after_a_revocation()
    {
        var alice = await Broker.RegisterAsync("alice");
        await Broker.PostAsync("/api/lock", """{"channel":"agent.alice.x"}""", alice);
        await using var owner = await Visitor.ComeAsync(Broker.Url, "/c/public.access");
        await owner.BeLiveAsync();
        await using var visitor = await Visitor.ComeAsync(Broker.Url, "/c/agent.alice.x");
        await Expect(visitor.Page.Locator("#refused")).ToContainTextAsync("This channel is locked. Only alice and those with a grant may listen.");

        await visitor.SignInAsync("bob");
        await visitor.Page.FillAsync("#reason", "I would like to read it");
        await visitor.Page.ClickAsync("#refused button:text-is('Ask')");
        await owner.SeeAsync("I would like to read it");
        await Broker.PostAsync("/api/grant", """{"channel":"agent.alice.x","target":"bob"}""", alice);
        await visitor.Page.ClickAsync("#refused button:text-is('Try again')");
        await Expect(visitor.Page.Locator("#refused")).ToBeHiddenAsync();
        await PublishAsync("agent.alice.x", "\"for bob\"");
        await visitor.SeeAsync("for bob");

        await Broker.PostAsync("/api/revoke", """{"channel":"agent.alice.x","target":"bob"}""", alice);
        await Expect(visitor.Page.Locator("#refused")).ToContainTextAsync("This channel is locked.");
    }

    [Test]
    public async Task A_channel_with_history_begins_with_it_and_misses_nothing_after_a_disconnect()
    {
        foreach (var number in Enumerable.Range(1, 3))
        {
            await PublishAsync("chat:room", $"\"early {number}\"");
        }

        await using var visitor = await Visitor.ComeAsync(Broker.Url, "/");
        await visitor.SignInAsync("bob");
        await visitor.GoAsync("/c/chat:room");
        await visitor.SeeAsync("early 1");
        await Expect(visitor.Page.Locator("#about")).ToContainTextAsync("1 connection, 1 user");
        await PublishAsync("chat:room", """{"_claw":{"sender":"boss"},"payload":"live"}""");
        await visitor.SeeAsync("live");
        await Expect(visitor.Rows.First.Locator(".who")).ToHaveTextAsync("", new() { UseInnerText = true });

        await visitor.Page.Context.SetOfflineAsync(true);
        await Broker.PostWithKeyAsync("/api/disconnect", """{"user":"bob","disconnect":{"code":4001,"reason":"moved"}}""");
        await visitor.WaitAsync("document.documentElement.dataset.live !== 'connected'");
        await PublishAsync("chat:room", "\"missed\"");
        await visitor.Page.Context.SetOfflineAsync(false);
        await visitor.SeeAsync("reconnected, one message missed and recovered");
        await Expect(visitor.Rows.Locator(".what")).ToHaveTextAsync(["missed", "reconnected, one message missed and recovered", """{"_claw":{"sender":"boss"},"payload":"live"}""", "early 3", "early 2", "early 1"]);
    }

    [Test]
    public async Task Text_of_strangers_stays_text_and_shows_what_it_hides()
    {
        var mallory = await Broker.RegisterAsync("mallory");
        var description = $"{Hostile} {Turning}";
        await Broker.PostAsync("/api/advertise", $$$"""{"channel":"agent.mallory.{{{Hostile}}}","description":"{{{description}}}","schema":{"title":"{{{Hostile}}}"}}""", mallory);
        await using var visitor = await Visitor.ComeAsync(Broker.Url, "/");
        await visitor.BeLiveAsync();
        await PublishAsync("public.townsquare", $$"""{"a":"{{description}}","b":"</script>\u0000\ud800"}""");
        await visitor.SeeAsync("</script>");
        await Expect(visitor.Page.Locator("claw-stream .hidden-char")).ToHaveTextAsync(["U+202E", "U+2066"]);
        await Expect(visitor.Page.Locator(".ad .hidden-char")).ToHaveTextAsync(["U+202E", "U+2066"]);

        await visitor.Page.ClickAsync(".ad a");
        await Expect(visitor.Page.Locator("#name")).ToHaveTextAsync($"agent.mallory.{Hostile}");
        await Expect(visitor.Page.Locator("#about pre")).ToContainTextAsync(Hostile);
        await Expect(visitor.Page).ToHaveTitleAsync($"agent.mallory.{Hostile} · ClawEvents");
        await visitor.BeLiveAsync();
        await PublishAsync($"agent.mallory.{Hostile}", $"\"{new string('x', 60_000)}end {Turning}\"");
        await visitor.SeeAsync("xxx");
        await visitor.Rows.First.ClickAsync();
        await Expect(visitor.Page.Locator("#message .payload")).Not.ToContainTextAsync("end");
        await visitor.Page.ClickAsync("text=Show all 60.0 KB");
        await Expect(visitor.Page.Locator("#message .payload")).ToContainTextAsync("end U+202Egnp.exeU+2066");
        Assert.That(await visitor.Page.EvaluateAsync<int>("document.querySelectorAll('img').length"), Is.EqualTo(1), "The logo, and no picture of a stranger.");
    }

    [Test]
    public async Task Another_page_can_neither_frame_the_broker_nor_read_it_nor_connect_to_it_nor_name_itself_like_it()
    {
        var browser = await TestBrowser.StartAsync();
        await using var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.RouteAsync("http://evil.example/**", route => route.FulfillAsync(new() { ContentType = "text/html", Body = "<!doctype html><title>evil</title>" }));
        await page.GotoAsync("http://evil.example/");
        var authority = Broker.Url.Authority;

        var found = await page.EvaluateAsync<string[]>("""
            async (authority) => Promise.all([
              fetch(`http://${authority}/web/server.json`).then(() => 'read', () => 'not read'),
              fetch(`http://${authority}/api/publish`, { method: 'POST', headers: { Authorization: 'Bearer x' }, body: '{}' }).then(() => 'asked', () => 'not asked'),
              new Promise((resolve) => { const socket = new WebSocket(`ws://${authority}/connection/websocket`); socket.onopen = () => resolve('connected'); socket.onerror = () => resolve('not connected'); }),
              new Promise((resolve) => { const frame = document.createElement('iframe'); frame.src = `http://${authority}/`; frame.onload = () => resolve(frame.contentDocument === null ? 'not shown' : 'empty'); document.body.append(frame); }),
            ])
            """, authority);
        var framed = page.Frames.Single(frame => frame != page.MainFrame);
        var renamed = await page.GotoAsync($"http://rebound.example:{Broker.Url.Port}/");

        Assert.That(found[..3], Is.EqualTo(new[] { "not read", "not asked", "not connected" }));
        Assert.That(framed.Url, Does.StartWith("chrome-error:"));
        Assert.That(renamed!.Status, Is.EqualTo(403));
    }

    [Test]
    public async Task The_documentation_is_searched_and_the_API_page_sends_requests()
    {
        await using var visitor = await Visitor.ComeAsync(Broker.Url, "/docs");
        await visitor.Page.FillAsync("#search", "deltas");
        await visitor.Page.Locator("#found [role=option]", new() { HasText = "Client protocol" }).First.WaitForAsync();
        await visitor.Page.FillAsync("#search", "lock a channel");
        await Expect(visitor.Page.Locator("#found [role=option]").First).ToContainTextAsync("Lock a channel");
        await visitor.Page.PressAsync("#search", "Enter");
        await Expect(visitor.Page.Locator("article h1")).ToHaveTextAsync("Lock a channel");
        await Expect(visitor.Page.Locator(".docs-side a[aria-current=page]")).ToHaveTextAsync("Lock a channel");

        await visitor.Page.ClickAsync(".bar a:text('API')");
        await visitor.Page.FillAsync("#find", "/health");
        await Expect(visitor.Page.Locator("#POST-api-publish")).ToBeHiddenAsync();
        await visitor.Page.ClickAsync("#GET-health summary");
        await visitor.Page.ClickAsync("#GET-health .try button");
        await Expect(visitor.Page.Locator("#GET-health .result")).ToContainTextAsync("200 OK");
        await Expect(visitor.Page.Locator("#GET-health .payload")).ToContainTextAsync("\"ok\": true");
    }

    [Test]
    [NonParallelizable]
    public async Task A_thousand_messages_a_second_keep_fifty_frames_a_second()
    {
        await using var visitor = await Visitor.ComeAsync(Broker.Url, "/c/public.busy");
        await visitor.BeLiveAsync();
        var alone = await CountFramesAsync(visitor.Page);
        using var end = new CancellationTokenSource();
        var publishing = PublishSteadilyAsync("public.busy", end.Token);

        // Other work of the machine may take a round, but not three.
        var busy = 0d;
        for (var round = 0; round < 3 && busy < 50; round++)
        {
            busy = Math.Max(busy, await CountFramesAsync(visitor.Page));
        }

        await end.CancelAsync();
        var published = await publishing;
        await visitor.WaitAsync($"document.getElementById('stream').length >= Math.min(5000, {published})");

        TestContext.Out.WriteLine($"{alone:F0} frames/s alone, {busy:F0} frames/s with 1,000 messages/s");
        Assert.That(published, Is.GreaterThan(1_500));
        Assert.That(busy, Is.GreaterThanOrEqualTo(Math.Min(60, alone) * 50 / 60), "A browser that draws less without any message is not the page's fault.");
    }

    [Test, Category("Slow")]
    [NonParallelizable]
    public async Task The_first_page_is_usable_in_half_a_second()
    {
        var times = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            await using var visitor = await Visitor.ComeAsync(Broker.Url, "/");
            times.Add(await Eventually.GetAsync(() => visitor.Page.EvaluateAsync<double>("() => document.documentElement.dataset.live === 'connected' ? performance.now() : 0"), time => time > 0));
        }

        times.Sort();
        TestContext.Out.WriteLine($"connected {times[2]:F0} ms after the address was entered, the median of five browsers without a cache: {string.Join(", ", times.Select(time => $"{time:F0}"))}");
        Assert.That(times[2], Is.LessThan(500));
    }

    // Over two seconds.
    private static Task<double> CountFramesAsync(IPage page) => page.EvaluateAsync<double>("""
        () => new Promise((resolve) => {
          let frames = 0;
          const started = performance.now();
          const count = () => (performance.now() - started < 2000 ? (frames++, requestAnimationFrame(count)) : resolve(frames / 2));
          requestAnimationFrame(count);
        })
        """);

    private async Task<int> PublishSteadilyAsync(string channel, CancellationToken end)
    {
        var started = Stopwatch.GetTimestamp();
        var count = 0;
        while (!end.IsCancellationRequested)
        {
            for (var due = (int)Stopwatch.GetElapsedTime(started).TotalMilliseconds; count < due; count++)
            {
                await PublishAsync(channel, $$$"""{"_claw":{"sender":"sensor-{{{count % 7}}}","timestamp":1767225600000},"payload":{"n":{{{count}}},"text":"a hundred bytes of a message that is about as long as most"}}""");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), CancellationToken.None);
        }

        return count;
    }

    // Not over HTTP: the browser needs the processor.
    private async Task PublishAsync(string channel, string data)
    {
        Assert.That(Broker.Get<ChannelResolver>().TryResolve(channel, out var resolved), Is.True);
        await Broker.Get<ChannelPublisher>().PublishAsGivenAsync(resolved, new(Encoding.UTF8.GetBytes(data)), null);
    }
}

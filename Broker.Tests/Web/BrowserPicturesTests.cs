using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Web;

/// <summary>Every page as it looks in the light, in the dark and on a phone: nothing that keeps somebody out, nothing wider than the screen. With <c>CLAW_UPDATE_DOCS=1</c> the pictures of the documentation are taken.</summary>
public sealed class BrowserPicturesTests : RunningBrokerTests
{
    private static readonly (string Name, string Path, string Ready)[] Pages =
    [
        ("live", "/", ".ad"),
        ("channel", "/c/agent.weather-bot.berlin", "#about pre"),
        ("locked", "/c/agent.researcher.papers", "#refused input"),
        ("docs", "/docs", "claw-search input"),
        ("page", "/docs/tutorials/first-channel", "claw-search input"),
        ("api", "/docs/api", ".operation"),
    ];

    [Test]
    public async Task Every_page_has_no_serious_fault_of_accessibility_and_fits_the_screen([ValueSource(typeof(PageLook), nameof(PageLook.Names))] string name)
    {
        await PrepareAsync();
        var look = PageLook.Of(name);
        await using var visitor = await Visitor.ComeAsync(Broker.Url, "/", look.Options);
        using (Assert.EnterMultipleScope())
        {
            foreach (var (page, path, ready) in Pages)
            {
                await visitor.GoAsync(path);
                await visitor.Page.Locator(ready).First.WaitForAsync();
                await TalkAsync(visitor, page);
                await look.CheckAsync(visitor.Page, page, page);
            }
        }
    }

    private async Task PrepareAsync()
    {
        var alice = await Broker.RegisterAsync("alice");
        var bot = await Broker.RegisterAsync("weather-bot");
        var researcher = await Broker.RegisterAsync("researcher");
        await Broker.PostAsync("/api/advertise", """{"channel":"agent.alice.news","description":"What alice reads, thinks and builds, a few times a day.","schema":{"type":"object","required":["text"],"properties":{"text":{"type":"string"}}}}""", alice);
        await Broker.PostAsync("/api/advertise", """{"channel":"agent.weather-bot.berlin","description":"Temperature and wind in Berlin, every minute.","schema":{"type":"object","required":["temperature"],"properties":{"temperature":{"type":"number"},"wind":{"type":"number"}}}}""", bot);
        await Broker.PostAsync("/api/advertise", """{"channel":"agent.researcher.papers","description":"New papers about agents that work together, each in three lines."}""", researcher);
        await Broker.PostAsync("/api/lock", """{"channel":"agent.researcher.papers"}""", researcher);
    }

    // Some messages in the list, so that the pictures and the check have them.
    private async Task TalkAsync(Visitor visitor, string page)
    {
        if (page is not ("live" or "channel"))
        {
            return;
        }

        await visitor.BeLiveAsync();
        await visitor.WaitAsync("!document.querySelector('.clock') || document.querySelector('.clock').textContent !== '--:--:--'");
        var channel = page == "live" ? "public.townsquare" : "agent.weather-bot.berlin";
        (string Sender, string Payload)[] said = page == "live"
            ? [("alice", "\"Good morning! Who is here?\""), ("bob", "\"I am. The build is green.\""), ("weather-bot", """{"city":"Berlin","temperature":7.5,"wind":12}"""), ("researcher", """{"text":"Three new papers today, see agent.researcher.papers","count":3}"""), ("anonymous", "\"Hello from curl\"")]
            : [.. Enumerable.Range(0, 9).Select(minute => ("weather-bot", $$"""{"temperature":{{7 + (minute % 4)}}.5,"wind":{{9 + (minute % 5)}},"clouds":"scattered"}"""))];
        foreach (var (sender, payload) in said)
        {
            var time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            await Broker.PublishAsync(channel, $$$"""{"_claw":{"sender":{{{JsonSerializer.Serialize(sender)}}},"timestamp":{{{time}}}},"payload":{{{payload}}}}""");
        }

        await visitor.Rows.Nth(said.Length - 1).WaitForAsync();
        if (page == "channel")
        {
            await visitor.Rows.Nth(2).ClickAsync();
        }
    }
}

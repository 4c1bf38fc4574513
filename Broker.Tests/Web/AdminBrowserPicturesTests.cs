using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClawEvents.Broker.Tests.Web;

/// <summary>Every section of the admin console in the light, in the dark and on a phone, as <see cref="BrowserPicturesTests"/> does with the other pages.</summary>
public sealed class AdminBrowserPicturesTests : RunningBrokerTests
{
    // What says that the section is there, and whether the documentation has its picture.
    private static readonly (string Name, string Fragment, string Ready, bool HasPicture)[] Sections =
    [
        ("nodes", "nodes", "tbody tr", true),
        ("connections", "connections", "tbody tr", true),
        ("channels", "channels", "tbody tr", true),
        ("channel", "channels?channel=chat:support", "#kept .row", true),
        ("access", "access?channel=agent.researcher.papers", "tbody tr", true),
        ("owner", "access?owner=researcher", "tbody tr", false),
        ("explain", "explain?action=subscribe&channel=agent.researcher.papers&user=bob", "#verdict", true),
        ("tokens", "tokens?user=alice", "form", true),
        ("rates", "rates", ".chart-line", true),
        ("settings", "settings", "tbody tr", true),
        ("warnings", "warnings", ".empty, tbody tr", false),
        ("trace", "trace?channel=chat:support", ".row", true),
    ];

    private protected override BrokerOptions Change(BrokerOptions options) => Operator.Allow(options) with
    {
        Identity = new() { JwtSecret = TestToken.Secret },
        Namespaces = TestNamespaces.Of(("chat", TestNamespaces.History with { Presence = true })),
    };

    [Test]
    public async Task Every_section_has_no_serious_fault_of_accessibility_and_fits_the_screen([ValueSource(typeof(PageLook), nameof(PageLook.Names))] string name)
    {
        var look = PageLook.Of(name);
        await PrepareAsync();
        await using var admin = await Operator.ComeAsync(Broker, "nodes", look.Options);
        await admin.Page.RouteAsync("**/api/**", RenameAsync);
        await admin.Page.RouteAsync("**/api/rates", route => route.FulfillAsync(new() { ContentType = "application/json", Body = AnHour() }));
        await Expect(admin.Page.Locator("#sign-in")).ToBeVisibleAsync();
        using (Assert.EnterMultipleScope())
        {
            await look.CheckAsync(admin.Page, "sign-in", null);
            await admin.SignInAsync(Operator.Password);
            foreach (var (section, fragment, ready, hasPicture) in Sections)
            {
                await admin.GoAsync(fragment);
                await TalkAsync(admin, section);
                await admin.Section.Locator(ready).First.WaitForAsync();
                await look.CheckAsync(admin.Page, section, hasPicture ? $"admin-{section}" : null);
            }
        }
    }

    // The name of the machine that takes the pictures is nobody's business. A stream goes through as it comes.
    private static async Task RenameAsync(IRoute route)
    {
        if (route.Request.Url.Contains("/api/trace", StringComparison.Ordinal))
        {
            await route.ContinueAsync();
            return;
        }

        var answer = await route.FetchAsync();
        var body = (await answer.TextAsync()).Replace($"\"{Environment.MachineName}\"", "\"broker-1\"", StringComparison.Ordinal);
        await route.FulfillAsync(new() { Response = answer, Body = body });
    }

    // Figures of an hour, which a test cannot wait for: a quiet start, and a node that was restarted.
    private static string AnHour()
    {
        var wave = Enumerable.Range(0, 360).Select(i => 1 + (0.4 * Math.Sin(i / 40d)) + (0.08 * Math.Sin(i * 1.7)) + (i > 250 ? 0.5 : 0)).ToArray();
        object Node(string id, string name, double size, Func<int, bool> isUp)
        {
            double?[] Series(double factor, double least = 0) => [.. wave.Select((value, i) => isUp(i) ? (double?)(least + (value * factor * size)) : null)];
            return new
            {
                id,
                name,
                newest = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
                series = new Dictionary<string, double?[]>
                {
                    ["messages"] = Series(420),
                    ["deliveries"] = Series(9_300),
                    ["bytes"] = Series(61_000),
                    ["commands"] = Series(510),
                    ["connections"] = Series(3_000),
                    ["opened"] = Series(4),
                    ["closed"] = Series(3.8),
                    ["p50"] = Series(0.0004),
                    ["p99"] = Series(0.0031),
                    ["cpu"] = Series(0.3, 0.05),
                    ["memory"] = Series(9_000_000, 61_000_000),
                },
            };
        }

        return JsonSerializer.Serialize(new { ok = true, step = 10, nodes = new[] { Node("6e0ad2a0-9a1c-4a8e-8f5e-0b7a4c1d2e3f", "broker-1", 1, _ => true), Node("b1f7c0de-4f1d-4c0b-9d55-7e3a2b1c0d9e", "broker-2", 0.7, i => i is < 150 or > 156) } });
    }

    private async Task PrepareAsync()
    {
        var researcher = await Broker.RegisterAsync("researcher");
        await Broker.PostAsync("/api/lock", """{"channel":"agent.researcher.papers"}""", researcher);
        await Broker.PostAsync("/api/grant", """{"channel":"agent.researcher.papers","target":"alice"}""", researcher);
        foreach (var (user, channel) in new[] { ("alice", "chat:support"), ("alice", "chat:build"), ("bob", "chat:support"), ("weather-bot", "chat:build") })
        {
            var client = await Broker.ConnectAsync(TestToken.Of($$"""{"sub":"{{user}}","exp":{{DateTimeOffset.UtcNow.AddHours(5).ToUnixTimeSeconds()}}}"""));
            await client.AskAsync($$$"""{"id":2,"subscribe":{"channel":"{{{channel}}}"}}""");
        }

        foreach (var text in new[] { "Good morning! Who is here?", "I am. The build is green.", "Then let us ship it." })
        {
            await Broker.PublishAsync("chat:support", JsonSerializer.Serialize(new { text }));
        }

        await Broker.PublishAsync("chat:build", """{"build":1207,"state":"green"}""");
    }

    // A trace has nothing of the time before it.
    private async Task TalkAsync(Operator admin, string section)
    {
        if (section == "trace")
        {
            await Expect(admin.Section.Locator(".result")).ToContainTextAsync("Following");
            await Broker.PublishAsync("chat:support", """{"text":"Shipped."}""");
            var dave = await Broker.ConnectAsync(TestToken.Of("""{"sub":"dave"}"""));
            await dave.AskAsync("""{"id":2,"subscribe":{"channel":"chat:support"}}""");
            await admin.Section.Locator("#trace .row:visible").Nth(1).ClickAsync();
        }
    }
}
